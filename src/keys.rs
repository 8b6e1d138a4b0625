//! Keys of tokens: public ones to verify with, a private one for `sarus token`, and making a pair.
//!
//! Each key fixes its algorithm (RFC 8725): a token cannot choose another.

use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Tokens longer than this are refused unread.
const LONGEST_TOKEN: usize = 8 * 1024;
/// Clocks of issuers may differ by this many seconds.
const LEEWAY: u64 = 30;
/// The type of an access token (RFC 9068).
const ACCESS_TOKEN: &str = "at+jwt";

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, #[source] std::io::Error),
    /// No usable key in it.
    #[error("{0}: no usable key (Ed25519, P-256 or RSA as PEM, or a JWKS)")]
    NoKey(String),
    /// The private key cannot sign.
    #[error("the signing key cannot be used: {0}")]
    Signing(String),
}

/// What a token claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: Audience,
    /// The person or machine.
    pub sub: String,
    /// Expiry, seconds of the epoch.
    pub exp: i64,
    /// Issued at.
    pub iat: i64,
    /// Identifier of the token.
    pub jti: String,
    /// Roles.
    pub roles: Vec<String>,
    /// Agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<Uuid>,
    /// Unit of that agency, for whoever reads the token; the directory decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Cooperative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooperative: Option<Uuid>,
}

/// One audience or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// A public key with the only algorithm it is used with.
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The keys that tokens are verified with.
pub struct Verifier {
    keys: Vec<Key>,
    issuer: String,
    audience: String,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verifier({} keys of {})", self.keys.len(), self.issuer)
    }
}

impl Verifier {
    /// Reads the keys of a file: PEM of one public key, or a JWKS whose unknown keys are passed over.
    ///
    /// # Errors
    /// The file cannot be read or holds no usable key.
    pub fn from_file(path: &Path, issuer: &str, audience: &str) -> Result<Self, KeyError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| KeyError::File(name.clone(), error))?;
        Self::from_text(&text, issuer, audience).ok_or(KeyError::NoKey(name))
    }

    /// Reads the keys of a text.
    pub fn from_text(text: &str, issuer: &str, audience: &str) -> Option<Self> {
        let keys = if text.trim_start().starts_with('{') { keys_of_set(text) } else { key_of_pem(text) };
        let (issuer, audience) = (issuer.to_owned(), audience.to_owned());
        (!keys.is_empty()).then_some(Self { keys, issuer, audience })
    }

    /// The claims of a valid token; `None` for any other, whatever is wrong with it.
    pub fn verify(&self, token: &str) -> Option<Claims> {
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        let kind = header.typ.as_deref().unwrap_or_default();
        if !kind.eq_ignore_ascii_case(ACCESS_TOKEN) && !kind.eq_ignore_ascii_case("application/at+jwt") {
            return None;
        }
        let known = |key: &&Key| {
            key.algorithm == header.alg && (header.kid.is_none() || key.id.is_none() || key.id == header.kid)
        };
        self.keys.iter().filter(known).find_map(|key| self.verify_with(key, token))
    }

    fn verify_with(&self, key: &Key, token: &str) -> Option<Claims> {
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        jsonwebtoken::decode::<Claims>(token, &key.key, &validation).ok().map(|data| data.claims)
    }
}

/// Reads a public key of one kind from PEM.
type PemReader = fn(&[u8]) -> jsonwebtoken::errors::Result<DecodingKey>;

fn key_of_pem(text: &str) -> Vec<Key> {
    let pem = text.as_bytes();
    let readers: [(Algorithm, PemReader); 3] = [
        (Algorithm::EdDSA, DecodingKey::from_ed_pem),
        (Algorithm::ES256, DecodingKey::from_ec_pem),
        (Algorithm::RS256, DecodingKey::from_rsa_pem),
    ];
    let read = |(algorithm, read): (Algorithm, PemReader)| read(pem).ok().map(|key| Key { id: None, algorithm, key });
    readers.into_iter().find_map(read).into_iter().collect()
}

fn keys_of_set(text: &str) -> Vec<Key> {
    let Ok(set) = serde_json::from_str::<JwkSet>(text) else { return Vec::new() };
    let usable = |jwk: &jsonwebtoken::jwk::Jwk| {
        let algorithm = jwk.common.key_algorithm.and_then(|algorithm| Algorithm::try_from(algorithm).ok())?;
        // A shared secret in a set of public keys is never meant to be one.
        let asymmetric = !matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512);
        let key = DecodingKey::from_jwk(jwk).ok().filter(|_| asymmetric)?;
        Some(Key { id: jwk.common.key_id.clone(), algorithm, key })
    };
    set.keys.iter().filter_map(usable).collect()
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

    /// Reads the private key of a file.
    ///
    /// # Errors
    /// The file cannot be read, or holds no private key.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let pem = std::fs::read_to_string(path).map_err(|error| KeyError::File(path.display().to_string(), error))?;
        Self::from_pem(&pem)
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
    let private = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| failed(&error))?;
    let public = key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(|error| failed(&error))?;
    Ok((private.to_string(), public))
}

/// The public key of an Ed25519 private key, both in PEM.
///
/// # Errors
/// It is not such a key.
pub fn public_of(private_pem: &str) -> Result<String, KeyError> {
    let key = SigningKey::from_pkcs8_pem(private_pem).map_err(|error| KeyError::Signing(error.to_string()))?;
    key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(|error| KeyError::Signing(error.to_string()))
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
