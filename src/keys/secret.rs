//! Secrets of service accounts: made here, shown once, kept as Argon2id hashes.
//!
//! A hash takes megabytes and a tenth of a second on purpose: one is computed at a time, away from the workers.

use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// What every secret begins with, so that scanners of leaked secrets know it.
const PREFIX: &str = "sarus_";
/// Bytes of chance in a secret.
const CHANCE: usize = 32;
/// The smallest memory that OWASP recommends for Argon2id (password storage cheat sheet): 7 MiB, five passes, one lane.
const MEMORY_KIB: u32 = 7 * 1024;
const PASSES: u32 = 5;
/// How long a hash may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// One at a time: memory is bounded, whoever asks.
static TURN: Semaphore = Semaphore::const_new(1);

/// Why a secret could not be made or checked.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Too many are waiting.
    #[error("too many secrets are being checked")]
    Busy,
    /// The machine has no randomness, or a stored hash is none.
    #[error("a secret cannot be hashed: {0}")]
    Hash(String),
}

/// A secret as it is shown once, and the hash that is kept.
pub struct NewSecret {
    /// What the machine keeps.
    pub text: String,
    /// What the service keeps.
    pub hash: String,
}

impl std::fmt::Debug for NewSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewSecret([secret])")
    }
}

/// Makes a secret that bears its identifier.
///
/// # Errors
/// No randomness, or too many are waiting.
pub async fn make(id: Uuid) -> Result<NewSecret, SecretError> {
    let text = format!("{PREFIX}{}_{}", id.simple(), URL_SAFE_NO_PAD.encode(chance::<CHANCE>()?));
    let salt = SaltString::encode_b64(&chance::<16>()?).map_err(failed)?;
    let kept = text.clone();
    let hash = in_turn(move || {
        let hash = hasher()?.hash_password(kept.as_bytes(), &salt).map_err(failed)?;
        Ok(hash.to_string())
    });
    Ok(NewSecret { text, hash: hash.await? })
}

/// The identifier that a secret bears, if it is one of ours.
pub fn id_of(text: &str) -> Option<Uuid> {
    let (id, _) = text.strip_prefix(PREFIX)?.split_once('_')?;
    Uuid::try_parse(id).ok()
}

/// Whether a secret is the one of a hash. Without a hash the answer is no, and takes as long: nobody learns by the
/// clock which accounts there are.
///
/// # Errors
/// Too many are waiting, or the hash is none.
pub async fn holds(text: String, hash: Option<String>) -> Result<bool, SecretError> {
    in_turn(move || match hash {
        Some(hash) => {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            Ok(hasher()?.verify_password(text.as_bytes(), &hash).is_ok())
        }
        None => {
            let mut nothing = [0; 32];
            hasher()?.hash_password_into(text.as_bytes(), b"no such account!", &mut nothing).map_err(failed)?;
            Ok(false)
        }
    })
    .await
}

async fn in_turn<T, F>(work: F) -> Result<T, SecretError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, SecretError> + Send + 'static,
{
    let turn = tokio::time::timeout(PATIENCE, TURN.acquire()).await.map_err(|_| SecretError::Busy)?;
    let _turn = turn.map_err(failed)?;
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

fn hasher() -> Result<Argon2<'static>, SecretError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(failed)?;
    Ok(Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, params))
}

fn chance<const BYTES: usize>() -> Result<[u8; BYTES], SecretError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn failed(error: impl std::fmt::Display) -> SecretError {
    SecretError::Hash(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_alone() {
        actix_web::rt::System::new().block_on(async {
            let id = Uuid::from_u128(7);
            let (one, other) = (make(id).await.unwrap(), make(id).await.unwrap());
            assert_ne!(one.text, other.text);
            assert_eq!((id_of(&one.text), id_of("sarus_x_y"), id_of("hunter2")), (Some(id), None, None));
            assert!(one.hash.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"), "{}", one.hash);
            assert!(!one.hash.contains(&one.text) && !format!("{one:?}").contains(&one.text));
            assert!(holds(one.text.clone(), Some(one.hash.clone())).await.unwrap());
            assert!(!holds(other.text.clone(), Some(one.hash)).await.unwrap());
            assert!(!holds(one.text, None).await.unwrap());
        });
    }
}
