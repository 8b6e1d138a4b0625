//! The seal of the service: a detached signature (RFC 7515, appendix F) over the canonical JSON (RFC 8785) of a report or
//! an aggregate, which anyone can check with the public keys at `/.well-known/jwks.json`. Without a key there are digests
//! and no signatures.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::domain::digest::canonical;
use crate::keys::{KeyError, of_variable};

/// Signs what is published, and publishes the keys to check it with.
pub struct Seal {
    key: Option<SealingKey>,
    /// The key in use and those that were, without any private part.
    published: Value,
}

/// A private key with the only algorithm it is used with, and the header of its signatures.
struct SealingKey {
    key: EncodingKey,
    algorithm: Algorithm,
    header: String,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.key.is_some() { "Seal([secret])" } else { "Seal(none)" })
    }
}

fn unusable(error: &dyn std::fmt::Display) -> KeyError {
    KeyError::Signing(error.to_string())
}

impl Seal {
    /// No seal: digests alone.
    pub fn none() -> Self {
        Self { key: None, published: json!({"keys": []}) }
    }

    /// Seals with a private key in PEM (PKCS#8, Ed25519 or P-256). `retired` is a JWKS of keys that sealed before: what
    /// they signed can still be checked.
    ///
    /// # Errors
    /// It is no such key, or the retired keys cannot be read.
    pub fn of(pem: Option<&str>, retired: Option<&str>) -> Result<Self, KeyError> {
        let mut published = Vec::new();
        let key = pem.map(sealing_key).transpose()?;
        let key = key.map(|(key, jwk)| {
            published.push(jwk);
            key
        });
        if let Some(text) = retired {
            published.extend(public_keys(text)?);
        }
        Ok(Self { key, published: json!({"keys": published}) })
    }

    /// Reads the keys of files; see [`Self::of`].
    ///
    /// # Errors
    /// A file cannot be read or holds no usable key.
    pub fn from_files(pem: Option<&Path>, retired: Option<&Path>) -> Result<Self, KeyError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|error| KeyError::File(path.display().to_string(), error))
        };
        let pem = pem.map(read).transpose().map_err(of_variable("SARUS_REPORT_SIGNING_KEY"))?;
        let retired = retired.map(read).transpose().map_err(of_variable("SARUS_REPORT_RETIRED_KEYS"))?;
        Self::of(pem.as_deref(), None).map_err(of_variable("SARUS_REPORT_SIGNING_KEY"))?;
        Self::of(pem.as_deref(), retired.as_deref()).map_err(of_variable("SARUS_REPORT_RETIRED_KEYS"))
    }

    /// The detached signature of a canonical text: `header..signature`; none without a key.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn sign(&self, canonical: &str) -> Result<Option<String>, KeyError> {
        let Some(SealingKey { key, algorithm, header }) = &self.key else { return Ok(None) };
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(canonical));
        let signature = crypto::sign(signed.as_bytes(), key, *algorithm).map_err(|error| unusable(&error))?;
        Ok(Some(format!("{header}..{signature}")))
    }

    /// Whether a detached signature is one of the published keys over a canonical text. Without a signature it is, where
    /// nothing is ever signed.
    pub fn holds(&self, canonical: &str, signature: Option<&str>) -> bool {
        let keys = self.published["keys"].as_array();
        let Some(signature) = signature else { return keys.is_none_or(Vec::is_empty) };
        self.verified(canonical, signature).unwrap_or_default()
    }

    fn verified(&self, canonical: &str, signature: &str) -> Option<bool> {
        let (header, signature) = signature.split_once("..")?;
        let named: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let jwk = self.published["keys"].as_array()?.iter().find(|jwk| jwk["kid"] == named["kid"])?;
        let algorithm = match jwk["alg"].as_str()? {
            "EdDSA" => Algorithm::EdDSA,
            "ES256" => Algorithm::ES256,
            _ => return None,
        };
        let key = serde_json::from_value::<Jwk>(jwk.clone()).ok()?;
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(canonical));
        crypto::verify(signature, signed.as_bytes(), &DecodingKey::from_jwk(&key).ok()?, algorithm).ok()
    }

    /// The public keys, as a JWKS (RFC 7517).
    pub const fn key_set(&self) -> &Value {
        &self.published
    }
}

fn sealing_key(pem: &str) -> Result<(SealingKey, Value), KeyError> {
    let ed25519 = SigningKey::from_pkcs8_pem(pem).ok().map(|key| key.verifying_key());
    let bytes = pem.as_bytes();
    let (key, algorithm, name, mut jwk) = if let Some(public) = ed25519 {
        let key = EncodingKey::from_ed_pem(bytes).map_err(|error| unusable(&error))?;
        let jwk = json!({"crv": "Ed25519", "kty": "OKP", "x": URL_SAFE_NO_PAD.encode(public.as_bytes())});
        (key, Algorithm::EdDSA, "EdDSA", jwk)
    } else {
        let key = EncodingKey::from_ec_pem(bytes).map_err(|error| unusable(&error))?;
        let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|error| unusable(&error))?;
        let jwk = serde_json::to_value(jwk).map_err(|error| unusable(&error))?;
        let jwk = json!({"crv": jwk["crv"], "kty": jwk["kty"], "x": jwk["x"], "y": jwk["y"]});
        (key, Algorithm::ES256, "ES256", jwk)
    };
    // The thumbprint of RFC 7638: of the required members alone, in order.
    let id = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical(&jwk)));
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": name, "kid": id}).to_string());
    jwk["kid"] = json!(id);
    jwk["alg"] = json!(name);
    jwk["use"] = json!("sig");
    Ok((SealingKey { key, algorithm, header }, jwk))
}

/// The keys of a set, each of which can check a seal; a private part is not taken over.
fn public_keys(text: &str) -> Result<Vec<Value>, KeyError> {
    let set: JwkSet = serde_json::from_str(text).map_err(|error| unusable(&error))?;
    let usable = |jwk: &Jwk| {
        let named = matches!(jwk.common.key_algorithm, Some(KeyAlgorithm::EdDSA | KeyAlgorithm::ES256));
        named && jwk.common.key_id.is_some()
    };
    if let Some(other) = set.keys.iter().find(|jwk| !usable(jwk)) {
        let id = other.common.key_id.as_deref().unwrap_or("without kid");
        return Err(KeyError::Signing(format!("the retired key {id} is not one of EdDSA or ES256 with a kid")));
    }
    set.keys.iter().map(|jwk| serde_json::to_value(jwk).map_err(|error| unusable(&error))).collect()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};

    use super::*;
    use crate::keys;

    /// The key of RFC 7515's example implementations, known to everybody.
    const P256: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n\
        OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n\
        1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n\
        -----END PRIVATE KEY-----\n";

    fn parts(signature: &str) -> (Value, String, Vec<u8>) {
        let (header, signature) = signature.split_once("..").unwrap();
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        (serde_json::from_slice(&read(header)).unwrap(), header.to_owned(), read(signature))
    }

    #[test]
    fn another_implementation_verifies_the_seal_and_nothing_else_passes() {
        let seal = Seal::of(Some(&keys::new_pair().unwrap().0), None).unwrap();
        let signature = seal.sign("{\"a\":1}").unwrap().unwrap();
        let (header, signed_header, bytes) = parts(&signature);
        let jwk = &seal.key_set()["keys"][0];
        assert_eq!((&header["kid"], &header["alg"]), (&jwk["kid"], &json!("EdDSA")));
        assert_eq!(jwk.get("d"), None, "no private part is published");
        let key = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
        let key = VerifyingKey::from_bytes(&key.try_into().unwrap()).unwrap();
        let signature = Signature::from_slice(&bytes).unwrap();
        let verifies = |text: &str| {
            let signed = format!("{signed_header}.{}", URL_SAFE_NO_PAD.encode(text));
            key.verify(signed.as_bytes(), &signature).is_ok()
        };
        assert!(verifies("{\"a\":1}"));
        assert!(!verifies("{\"a\":2}"));
    }

    #[test]
    fn p_256_keys_seal_too_and_retired_keys_stay_published() {
        let retired = Seal::of(Some(&keys::new_pair().unwrap().0), None).unwrap();
        let seal = Seal::of(Some(P256), Some(&retired.key_set().to_string())).unwrap();
        let (header, _, signature) = parts(&seal.sign("{}").unwrap().unwrap());
        assert_eq!((&header["alg"], signature.len()), (&json!("ES256"), 64));
        let published = seal.key_set()["keys"][0].clone();
        assert_eq!((&published["crv"], published.get("d")), (&json!("P-256"), None));
        for member in ["kid", "x", "alg", "use", "crv", "kty"] {
            assert_eq!(seal.key_set()["keys"][1][member], retired.key_set()["keys"][0][member], "{member}");
        }
    }

    #[test]
    fn a_p_256_seal_is_verified_with_the_published_key_alone_and_nothing_else_passes() {
        let seal = Seal::of(Some(P256), None).unwrap();
        let (text, forged) = ("{\"a\":\"Báo cáo\"}", "{\"a\":\"Báo cao\"}");
        let signature = seal.sign(text).unwrap().unwrap();
        let (header, named, _) = parts(&signature);
        let published = &seal.key_set()["keys"][0];
        assert_eq!(header["kid"], published["kid"]);
        let verifies = |jwk: &Value, text: &str, header: &str, signature: &str| {
            let key = serde_json::from_value::<Jwk>(jwk.clone()).unwrap();
            let key = jsonwebtoken::DecodingKey::from_jwk(&key).unwrap();
            let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(text));
            crypto::verify(signature, signed.as_bytes(), &key, Algorithm::ES256).unwrap_or(false)
        };
        let raw = signature.split_once("..").unwrap().1;
        assert!(verifies(published, text, &named, raw));
        assert!(!verifies(published, forged, &named, raw), "another content");
        assert!(!verifies(published, text, &URL_SAFE_NO_PAD.encode("{}"), raw), "another header");
        let mut other = published.clone();
        // The base point of the curve: a key, and not this one.
        other["x"] = json!("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY");
        other["y"] = json!("T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU");
        assert!(!verifies(&other, text, &named, raw), "another key");
        let again = seal.sign(text).unwrap().unwrap();
        assert!(verifies(published, text, &named, again.split_once("..").unwrap().1));
    }

    #[test]
    fn a_seal_holds_its_own_signatures_and_those_of_retired_keys_and_no_others() {
        let retired = Seal::of(Some(&keys::new_pair().unwrap().0), None).unwrap();
        let stranger = Seal::of(Some(&keys::new_pair().unwrap().0), None).unwrap();
        let seal = Seal::of(Some(P256), Some(&retired.key_set().to_string())).unwrap();
        for (signing, holds) in [(&seal, true), (&retired, true), (&stranger, false)] {
            let signature = signing.sign("{}").unwrap();
            assert_eq!(seal.holds("{}", signature.as_deref()), holds);
            assert!(!seal.holds("{\"a\":1}", signature.as_deref()), "another content");
        }
        for nonsense in ["", "..", "a..b", "e30..e30"] {
            assert!(!seal.holds("{}", Some(nonsense)), "{nonsense}");
        }
        assert!(!seal.holds("{}", None), "who has keys signs");
        assert!(Seal::none().holds("{}", None));
    }

    #[test]
    fn without_a_key_nothing_is_signed_and_a_bad_key_is_refused() {
        assert_eq!(Seal::none().sign("{}").unwrap(), None);
        assert_eq!(Seal::none().key_set(), &json!({"keys": []}));
        assert!(Seal::of(Some("no key"), None).is_err());
        let shared = r#"{"keys": [{"kty": "oct", "alg": "HS256", "kid": "s", "k": "c2VjcmV0"}]}"#;
        assert!(Seal::of(None, Some(shared)).is_err(), "a shared secret is never published");
    }

    #[test]
    fn a_file_without_a_key_is_refused_with_the_name_of_its_variable() {
        let (pair, none) = (tempfile::NamedTempFile::new().unwrap(), Path::new("Cargo.toml"));
        std::fs::write(pair.path(), keys::new_pair().unwrap().0).unwrap();
        let refused = |key, retired| Seal::from_files(key, retired).unwrap_err().to_string();
        assert!(refused(Some(none), None).starts_with("SARUS_REPORT_SIGNING_KEY: "));
        assert!(refused(Some(Path::new("/no/such/file")), None).starts_with("SARUS_REPORT_SIGNING_KEY: "));
        assert!(refused(Some(pair.path()), Some(none)).starts_with("SARUS_REPORT_RETIRED_KEYS: "));
    }
}
