//! Keys and tokens: whose tokens are believed ([`Verifier`]), a private key that signs ([`Signer`]), and making a pair.
//!
//! Each key fixes its algorithm (RFC 8725): a token cannot choose another. No shared secret verifies anything.

mod claims;
mod fetch;
mod key_set;
mod remote;
pub mod secret;
mod trusted;

use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

pub use claims::{Audience, ClaimPlace, ClaimPlaces, Claims};
pub use remote::Patience;
pub use trusted::{ClaimSettings, IssuerSettings, Profile, Refused, TrustedIssuer, Verified, Verifier};

/// The type of an access token (RFC 9068).
const ACCESS_TOKEN: &str = "at+jwt";

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, #[source] std::io::Error),
    /// No usable key in it.
    #[error("{0}: no usable key (Ed25519, P-256, or RSA of at least 2048 bits, as PEM or in a JWKS)")]
    NoKey(String),
    /// No usable certificates in it.
    #[error("{0}: {1}")]
    Certificates(String, String),
    /// Keys must not be fetched from there.
    #[error("{0}: keys are fetched over https, over http from the loopback only")]
    Address(String),
    /// The private key cannot sign.
    #[error("the signing key cannot be used: {0}")]
    Signing(String),
    /// What a variable of the configuration names cannot be used.
    #[error("{0}: {1}")]
    Variable(&'static str, Box<KeyError>),
}

/// Says which variable named what cannot be used.
pub(crate) fn of_variable(name: &'static str) -> impl Fn(KeyError) -> KeyError {
    move |error| KeyError::Variable(name, Box::new(error))
}

/// Whether a file holds certificates that can be believed when keys are fetched.
///
/// # Errors
/// It cannot be read, or holds none.
pub(crate) fn certificates(path: &Path) -> Result<(), KeyError> {
    fetch::connector(Some(path))
        .map(|_| ())
        .map_err(|error| KeyError::Certificates(path.display().to_string(), error.to_string()))
}

/// Now, in seconds of the epoch, as tokens tell the time: that of the machine.
pub(crate) fn now() -> u64 {
    jsonwebtoken::get_current_timestamp()
}

/// A private key that signs tokens.
pub struct Signer {
    key: EncodingKey,
    algorithm: Algorithm,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer([secret])")
    }
}

impl Signer {
    /// Reads a private key in PEM: Ed25519, P-256 or RSA.
    ///
    /// # Errors
    /// It is none of them.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let pem = pem.as_bytes();
        let ed25519 = EncodingKey::from_ed_pem(pem).map(|key| Self { key, algorithm: Algorithm::EdDSA });
        ed25519
            .or_else(|_| EncodingKey::from_ec_pem(pem).map(|key| Self { key, algorithm: Algorithm::ES256 }))
            .or_else(|_| EncodingKey::from_rsa_pem(pem).map(|key| Self { key, algorithm: Algorithm::RS256 }))
            .map_err(|error| KeyError::Signing(error.to_string()))
    }

    /// Signs claims.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, KeyError> {
        let header = Header { typ: Some(ACCESS_TOKEN.to_owned()), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.key).map_err(|error| KeyError::Signing(error.to_string()))
    }
}

/// A new Ed25519 pair: private and public key in PEM.
///
/// # Errors
/// The machine has no randomness.
pub fn new_pair() -> Result<(String, String), KeyError> {
    let failed = |what: &dyn std::fmt::Display| KeyError::Signing(what.to_string());
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| failed(&error))?;
    let key = SigningKey::from_bytes(&seed);
    // The first version of PKCS#8, without the public key: OpenSSL and others read no other.
    let private = KeypairBytes { secret_key: seed, public_key: None };
    let private = private.to_pkcs8_pem(LineEnding::LF).map_err(|error| failed(&error))?;
    let public = key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(|error| failed(&error))?;
    Ok((private.to_string(), public))
}

/// The public half of a private key in PEM (PKCS#8): of an Ed25519 key as PEM, of a P-256 or RSA key as a JWKS.
///
/// # Errors
/// It is none of them, or an RSA key of less than 2048 bits.
pub fn public_of(private_pem: &str) -> Result<String, KeyError> {
    let failed = |what: &dyn std::fmt::Display| KeyError::Signing(what.to_string());
    if let Ok(key) = SigningKey::from_pkcs8_pem(private_pem) {
        return key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(|error| failed(&error));
    }
    let Signer { key, algorithm } = Signer::from_pem(private_pem)?;
    let jwk = Jwk::from_encoding_key(&key, algorithm).map_err(|error| failed(&error))?;
    let set = serde_json::to_string(&JwkSet { keys: vec![jwk] }).map_err(|error| failed(&error))?;
    if key_set::of_text(&set).is_empty() { Err(KeyError::NoKey("signing key".to_owned())) } else { Ok(set) }
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// It exists already or cannot be written.
pub fn write_private(path: &Path, text: &str) -> Result<(), KeyError> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error| KeyError::File(path.display().to_string(), error);
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An RSA key of 1024 bits, made for this test.
    const SHORT: &str = include_str!("../tests/fixtures/short-rsa-key.pem");
    /// One of 2048 bits.
    const LONG: &str = include_str!("../tests/fixtures/realm-key.pem");

    #[test]
    fn a_private_key_of_each_kind_that_signs_has_a_public_half_and_no_other_does() {
        let (ed25519, _) = new_pair().unwrap();
        // As `openssl genpkey -algorithm ED25519` writes: 48 bytes, the seed alone.
        assert_eq!(ed25519.lines().nth(1).map(str::len), Some(64), "{ed25519}");
        for key in [ed25519.as_str(), LONG] {
            let public = public_of(key).unwrap();
            assert!(!key_set::of_text(&public).is_empty() && !public.contains("PRIVATE"), "{public}");
        }
        for key in [SHORT, "", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            let refused = public_of(key).unwrap_err().to_string();
            assert!(refused.contains("signing key"), "{refused}");
        }
    }
}
