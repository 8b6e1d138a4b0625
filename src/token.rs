//! Tokens for people who run Sarus without an identity provider: `sarus token`, and the key of development mode.

use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::role::Role;
use crate::keys::{self, Audience, Claims, KeyError, Signer, Verifier};
use crate::seal::Seal;
use crate::store::directory::{self, Directory};
use crate::store::{Store, StoreError};

/// What a token is to say.
#[derive(Debug, Clone, Args)]
pub struct TokenRequest {
    /// The role: cooperative, locality, line-department, lead-agency, finance, cooperative-alliance,
    /// peoples-committee, ministry, oversight, inspectorate or administrator.
    #[arg(long, value_parser = role)]
    pub role: Role,
    /// Code of the unit, such as 89 for An Giang.
    #[arg(long)]
    pub unit: Option<String>,
    /// Identifier of the agency; by default the one that holds the role in the unit. Of one that was merged or
    /// abolished, the successor is taken.
    #[arg(long)]
    pub agency: Option<Uuid>,
    /// Identifier of the cooperative, for the role `cooperative`.
    #[arg(long)]
    pub cooperative: Option<Uuid>,
    /// The person or machine; by default `role@unit`.
    #[arg(long)]
    pub subject: Option<String>,
    /// How long it holds: `30s`, `15m`, `1h`, `7d`.
    #[arg(long, default_value = "1h", value_parser = duration)]
    pub ttl: Duration,
}

fn role(name: &str) -> Result<Role, String> {
    let names = || Role::ALL.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
    Role::from_name(name).ok_or_else(|| format!("one of {}", names()))
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a number with s, m, h or d, such as 1h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: u64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// Why a token cannot be issued.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// No key to sign with.
    #[error("SARUS_JWT_SIGNING_KEY must name the file of a private key")]
    NoSigningKey,
    /// No agency holds the role in the unit.
    #[error("no agency holds the role {0} in the unit {1}; name one with --agency")]
    NoAgency(&'static str, String),
    /// The role needs a cooperative.
    #[error("the role cooperative needs --cooperative")]
    NoCooperative,
    /// The keys.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database.
    #[error("the directory of agencies cannot be read")]
    Store(#[from] StoreError),
}

/// The verifier of a configuration: the configured keys, or in development mode a key made once beside the database.
///
/// # Errors
/// The keys cannot be read or made.
pub fn verifier(config: &Config) -> Result<Verifier, KeyError> {
    if let Some(path) = &config.keys {
        return Verifier::from_file(path, &config.issuer, &config.audience);
    }
    let public = match &config.signing_key {
        Some(path) => keys::public_of(&read(path)?)?,
        None => keys::public_of(&development_key(config)?)?,
    };
    let none = || KeyError::NoKey("development key".to_owned());
    Verifier::from_text(&public, &config.issuer, &config.audience).ok_or_else(none)
}

/// The seal of a configuration: the configured key, in development mode the key made beside the database, else none.
///
/// # Errors
/// The key cannot be read or made.
pub fn seal(config: &Config) -> Result<Seal, KeyError> {
    let development = config.is_development().then(|| config.development_key());
    if development.is_some() && config.report_key.is_none() {
        development_key(config)?;
    }
    Seal::from_files(config.report_key.as_deref().or(development.as_deref()), config.retired_report_keys.as_deref())
}

fn read(path: &std::path::Path) -> Result<String, KeyError> {
    std::fs::read_to_string(path).map_err(|error| KeyError::File(path.display().to_string(), error))
}

fn development_key(config: &Config) -> Result<String, KeyError> {
    let path = config.development_key();
    if !path.exists() {
        keys::write_private(&path, &keys::new_pair()?.0)?;
        tracing::warn!(file = %path.display(), "development mode: made a key of its own; set SARUS_JWT_KEYS in production");
    }
    read(&path)
}

/// Signs a token for a request, with the agency that the directory gives.
///
/// # Errors
/// No key, no agency, or no database.
pub async fn issue(config: &Config, request: &TokenRequest) -> Result<String, TokenError> {
    let signer = signer(config)?;
    let directory = if request.role.is_agency() { agencies(config).await? } else { Directory::default() };
    let clock = Clock::system();
    let today = clock.now().today();
    let claims = claims(request, &directory, &config.issuer, &config.audience, &clock, today)?;
    Ok(signer.sign(&claims)?)
}

/// The key that tokens are signed with: the one that is named, in development the one beside the database.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn signer(config: &Config) -> Result<Signer, TokenError> {
    match &config.signing_key {
        Some(path) => Ok(Signer::from_file(path)?),
        None if config.is_development() => Ok(Signer::from_pem(&development_key(config)?)?),
        None => Err(TokenError::NoSigningKey),
    }
}

/// The agencies in the database.
///
/// # Errors
/// The database failed.
pub async fn agencies(config: &Config) -> Result<Directory, TokenError> {
    let store = Store::connect(config.database_url.expose()).await?;
    let directory = directory::load(store.reader()).await?;
    store.close().await?;
    Ok(directory)
}

/// The claims of a request, with the agency that acts today.
///
/// # Errors
/// No agency holds the role in the unit, or the cooperative is missing.
pub fn claims(
    request: &TokenRequest,
    directory: &Directory,
    issuer: &str,
    audience: &str,
    clock: &Clock,
    today: NaiveDate,
) -> Result<Claims, TokenError> {
    let TokenRequest { role, unit, agency, cooperative, subject, ttl } = request;
    let now = clock.now();
    let agency = match agency {
        // An agency that was merged or abolished has no people any more: the token is for its successor.
        Some(id) => Some(directory.acting_for(*id, today).map_or(*id, |acting| acting.id)),
        None if role.is_agency() => {
            let none = || TokenError::NoAgency(role.name(), unit.clone().unwrap_or_else(|| "(none)".to_owned()));
            Some(directory.holder(*role, unit.as_deref(), today).ok_or_else(none)?.id)
        }
        None => None,
    };
    if *role == Role::Cooperative && cooperative.is_none() {
        return Err(TokenError::NoCooperative);
    }
    let place = cooperative.map(|id| id.to_string()).or_else(|| unit.clone()).unwrap_or_else(|| "vn".to_owned());
    let issued = now.0.timestamp();
    Ok(Claims {
        iss: issuer.to_owned(),
        aud: Audience::One(audience.to_owned()),
        sub: subject.clone().unwrap_or_else(|| format!("{}@{place}", role.name())),
        exp: issued.saturating_add(i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX)),
        iat: issued,
        jti: Clock::new_id().to_string(),
        roles: vec![role.name().to_owned()],
        agency,
        unit: unit.clone(),
        cooperative: *cooperative,
    })
}
