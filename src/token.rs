//! Tokens for whoever runs Sarus without an identity provider: `sarus token`, the tokens of service accounts, and the
//! key of development mode.

use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::role::Role;
use crate::domain::service_account::ServiceAccount;
use crate::keys::{
    self, Audience, Claims, IssuerSettings, KeyError, Patience, Signer, TrustedIssuer, Verifier, of_variable,
};
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

/// The client that tokens of `sarus token` are issued to.
const COMMAND: &str = "sarus-token";

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

/// The verifier of a configuration: the configured issuers, or in development mode a key made once beside the database.
///
/// # Errors
/// The keys cannot be read or made.
pub fn verifier(config: &Config) -> Result<Verifier, KeyError> {
    let mut trusted = Vec::new();
    if let Some(path) = &config.authorities {
        keys::certificates(path).map_err(of_variable("SARUS_JWT_CA"))?;
    }
    let issuer =
        |settings| TrustedIssuer::of(settings, &config.audience, config.authorities.clone(), Patience::default());
    let own = signing_pem(config)?.map(|private| keys::public_of(&private)).transpose();
    let own = own.map_err(of_variable("SARUS_JWT_SIGNING_KEY"))?;
    if let Some(keys) = &config.keys {
        let named = issuer(IssuerSettings::of(&config.issuer, keys)).map_err(of_variable("SARUS_JWT_KEYS"))?;
        trusted.push(match own {
            Some(public) => named.signing_with(&public),
            None => named,
        });
    } else if let Some(public) = own {
        let none = || KeyError::NoKey("signing key".to_owned());
        let own = TrustedIssuer::of_keys(&public, &config.issuer, &config.audience).ok_or_else(none)?;
        trusted.push(own.signing_with(&public));
    }
    for settings in &config.issuers {
        trusted.push(issuer(settings.clone()).map_err(of_variable("SARUS_JWT_ISSUERS"))?);
    }
    Ok(Verifier::new(trusted))
}

/// How long a token of a service account holds.
pub const ACCOUNT_TOKEN_LIFE: Duration = Duration::from_secs(900);

/// This service as an issuer of tokens to service accounts.
#[derive(Debug)]
pub struct OwnIssuer {
    signer: Signer,
    issuer: String,
    audience: String,
}

impl OwnIssuer {
    /// An issuer that signs with a key.
    pub const fn new(signer: Signer, issuer: String, audience: String) -> Self {
        Self { signer, issuer, audience }
    }

    /// The issuer that its tokens name.
    pub fn name(&self) -> &str {
        &self.issuer
    }

    /// A token for a service account: as client and subject it names the account (RFC 9068, 2.2). The agency is the one
    /// that acts today for the one that the account was made for.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn token_for(
        &self,
        account: &ServiceAccount,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<String, KeyError> {
        let issued = i64::try_from(keys::now()).unwrap_or(i64::MAX);
        let agency = account.content.agency.map(|id| directory.acting_for(id, today).map_or(id, |acting| acting.id));
        let life = i64::try_from(ACCOUNT_TOKEN_LIFE.as_secs()).unwrap_or(i64::MAX);
        self.signer.sign(&Claims {
            iss: self.issuer.clone(),
            aud: Audience::One(self.audience.clone()),
            sub: account.id.to_string(),
            exp: issued.saturating_add(life),
            iat: issued,
            jti: Clock::new_id().to_string(),
            client_id: Some(account.id.to_string()),
            roles: vec![account.content.role.name().to_owned()],
            agency,
            unit: None,
            cooperative: account.content.cooperative,
        })
    }
}

/// The issuer that a configuration makes of this service: none without a signing key.
///
/// # Errors
/// The key cannot be read, or is none that signs: Ed25519, P-256, or RSA of at least 2048 bits.
pub fn own_issuer(config: &Config) -> Result<Option<OwnIssuer>, KeyError> {
    let Some(private) = signing_pem(config)? else { return Ok(None) };
    keys::public_of(&private)?;
    let signer = Signer::from_pem(&private)?;
    Ok(Some(OwnIssuer::new(signer, config.issuer.clone(), config.audience.clone())))
}

/// The private key that this service signs with, if it has one.
fn signing_pem(config: &Config) -> Result<Option<String>, KeyError> {
    match &config.signing_key {
        Some(path) => read(path).map(Some).map_err(of_variable("SARUS_JWT_SIGNING_KEY")),
        None if config.is_development() => development_key(config).map(Some),
        None => Ok(None),
    }
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
    Ok(Signer::from_pem(&signing_pem(config)?.ok_or(TokenError::NoSigningKey)?)?)
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
        client_id: Some(COMMAND.to_owned()),
        roles: vec![role.name().to_owned()],
        agency,
        unit: unit.clone(),
        cooperative: *cooperative,
    })
}
