//! Public keys as issuers publish them: one in PEM, or a set (JWKS, RFC 7517) from which each usable key is taken and
//! every other passed over.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// Keys that are taken from one set: issuers publish a handful.
const MOST_KEYS: usize = 100;
/// Bytes of the modulus of an RSA key: 2048 bits (RFC 7518, 3.3).
const SHORTEST_MODULUS: usize = 256;

/// A public key with the only algorithm it is used with.
pub(super) struct Key {
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl Key {
    /// Whether the key is one that a token may have been signed with.
    pub(super) fn fits(&self, algorithm: Algorithm, key_id: Option<&str>) -> bool {
        self.algorithm == algorithm && self.may_be(key_id)
    }

    /// Whether the key goes by this name, or one of the two has none.
    pub(super) fn may_be(&self, key_id: Option<&str>) -> bool {
        match (self.id.as_deref(), key_id) {
            (Some(own), Some(named)) => own == named,
            _ => true,
        }
    }
}

/// The usable keys of a text: PEM of one public key, or a JWKS.
pub(super) fn of_text(text: &str) -> Vec<Key> {
    if text.trim_start().starts_with('{') { of_set(text) } else { of_pem(text).into_iter().collect() }
}

/// Reads a public key of one kind from PEM.
type PemReader = fn(&[u8]) -> jsonwebtoken::errors::Result<DecodingKey>;

fn of_pem(text: &str) -> Option<Key> {
    let pem = text.as_bytes();
    let readers: [(Algorithm, PemReader); 3] = [
        (Algorithm::EdDSA, DecodingKey::from_ed_pem),
        (Algorithm::ES256, DecodingKey::from_ec_pem),
        (Algorithm::RS256, DecodingKey::from_rsa_pem),
    ];
    let read = |(algorithm, read): (Algorithm, PemReader)| read(pem).ok().map(|key| Key { id: None, algorithm, key });
    let key = readers.into_iter().find_map(read)?;
    // An RSA key is a modulus and little else.
    let is_long = |key: &DecodingKey| key.try_get_as_bytes().is_ok_and(|der| der.len() >= SHORTEST_MODULUS);
    (key.algorithm != Algorithm::RS256 || is_long(&key.key)).then_some(key)
}

/// The keys of a set, each on its own: one that cannot be read does not spoil the others.
fn of_set(text: &str) -> Vec<Key> {
    let set: Value = serde_json::from_str(text).unwrap_or_default();
    let keys = set["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    keys.iter().take(MOST_KEYS).filter_map(of_jwk).collect()
}

fn of_jwk(published: &Value) -> Option<Key> {
    // What has a private part is known to everybody who can read the set.
    if published.get("d").is_some() {
        return None;
    }
    let jwk = read_jwk(published)?;
    let for_signatures = jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let operations = jwk.common.key_operations.as_ref();
    if !for_signatures || operations.is_some_and(|allowed| !allowed.contains(&KeyOperations::Verify)) {
        return None;
    }
    let algorithm = match published.get("alg") {
        None => usual_algorithm(&jwk.algorithm)?,
        Some(named) => named.as_str()?.parse().ok().filter(|named| is_of(*named, &jwk.algorithm))?,
    };
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some(Key { id: jwk.common.key_id, algorithm, key })
}

/// A key whose certificate members may be anything: they are not looked at.
fn read_jwk(published: &Value) -> Option<Jwk> {
    let mut members = published.as_object()?.clone();
    for unused in ["x5u", "x5c", "x5t", "x5t#S256", "alg"] {
        members.remove(unused);
    }
    serde_json::from_value(Value::Object(members)).ok()
}

/// The algorithm of a key that names none.
fn usual_algorithm(parameters: &AlgorithmParameters) -> Option<Algorithm> {
    let of_curve = |curve: &EllipticCurve| match curve {
        EllipticCurve::P256 => Some(Algorithm::ES256),
        EllipticCurve::P384 => Some(Algorithm::ES384),
        EllipticCurve::Ed25519 => Some(Algorithm::EdDSA),
        _ => None,
    };
    match parameters {
        AlgorithmParameters::RSA(rsa) => is_long(&rsa.n).then_some(Algorithm::RS256),
        AlgorithmParameters::EllipticCurve(point) => of_curve(&point.curve),
        AlgorithmParameters::OctetKeyPair(pair) => of_curve(&pair.curve),
        // A shared secret in a set of public keys is never meant to be one.
        _ => None,
    }
}

/// Whether an algorithm is one that a key of this kind can have.
fn is_of(algorithm: Algorithm, parameters: &AlgorithmParameters) -> bool {
    use Algorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
    let usual = usual_algorithm(parameters);
    let is_rsa = usual == Some(RS256) && matches!(algorithm, RS256 | RS384 | RS512 | PS256 | PS384 | PS512);
    is_rsa || usual == Some(algorithm)
}

fn is_long(modulus: &str) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(modulus).unwrap_or_default();
    bytes.iter().skip_while(|byte| **byte == 0).count() >= SHORTEST_MODULUS
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ids(keys: &[Key]) -> Vec<&str> {
        keys.iter().filter_map(|key| key.id.as_deref()).collect()
    }

    #[test]
    fn strange_keys_are_passed_over_and_the_others_taken() {
        let modulus = URL_SAFE_NO_PAD.encode([0xC5; 256]);
        let short = URL_SAFE_NO_PAD.encode([0xC5; 128]);
        let set = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "good", "use": "sig", "alg": "EdDSA", "x5c": "no list"},
            {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "no-algorithm"},
            {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "pss", "alg": "PS256", "ext": true, "made": {"up": 1}},
            {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "encrypts", "use": "enc", "alg": "RSA-OAEP"},
            {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "wraps", "key_ops": ["wrapKey"]},
            {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "of-another-kind", "alg": "EdDSA"},
            {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "to-come", "alg": "RS1024"},
            {"kty": "RSA", "n": short, "e": "AQAB", "kid": "short"},
            {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "told", "d": modulus},
            {"kty": "oct", "k": X, "kid": "shared", "alg": "HS256"},
            {"kty": "oct", "k": X, "kid": "shared-too"},
            {"kty": "LMS", "kid": "of-tomorrow"},
            {"kty": "EC", "crv": "P-521", "x": X, "y": X, "kid": "curve"},
            {"kid": "nothing"},
            {"kty": 7},
            "text", null, 7, [],
        ]});
        let keys = of_text(&set.to_string());
        assert_eq!(ids(&keys), ["good", "no-algorithm", "pss"]);
        let algorithms: Vec<_> = keys.iter().map(|key| key.algorithm).collect();
        assert_eq!(algorithms, [Algorithm::EdDSA, Algorithm::RS256, Algorithm::PS256]);
        for nothing in ["", "{", "{}", r#"{"keys": {}}"#, r#"{"keys": []}"#, "-----BEGIN PUBLIC KEY-----"] {
            assert!(of_text(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_set_is_not_read_without_end() {
        let key = json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "k"});
        assert_eq!(of_text(&json!({"keys": vec![key; 1000]}).to_string()).len(), MOST_KEYS);
    }

    #[test]
    fn a_key_is_found_by_its_name_and_used_with_its_algorithm_only() {
        let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "a"}]});
        let keys = of_text(&set.to_string());
        assert!(keys[0].fits(Algorithm::EdDSA, Some("a")) && keys[0].fits(Algorithm::EdDSA, None));
        assert!(!keys[0].fits(Algorithm::EdDSA, Some("b")) && !keys[0].fits(Algorithm::HS256, Some("a")));
    }
}
