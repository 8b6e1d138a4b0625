//! Whose tokens are believed: the issuers of a configuration, each with its keys, its audience and the shape of its
//! tokens.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::claims::{ClaimPlace, ClaimPlaces, Claims, Strict};
use super::key_set::{self, Key};
use super::remote::{Patience, RemoteKeys};
use super::{ACCESS_TOKEN, KeyError};

/// Tokens longer than this are refused unread.
const LONGEST_TOKEN: usize = 8 * 1024;
/// Clocks of issuers may differ by this many seconds.
const LEEWAY: u64 = 30;

/// The shape of an issuer's access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// RFC 9068: type `at+jwt`, claims of Sarus at the top.
    #[default]
    Rfc9068,
    /// A realm of Keycloak as it comes: type `JWT` with `"typ": "Bearer"` among the claims, roles in
    /// `realm_access.roles`. Its identity and refresh tokens are no access tokens.
    Keycloak,
}

/// An issuer whose tokens are accepted, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuerSettings {
    /// `iss` of its tokens.
    pub issuer: String,
    /// `aud` that they must name; the configured one when absent.
    pub audience: Option<String>,
    /// File of public keys (PEM or JWKS), or address of a JWKS.
    pub keys: String,
    /// Shape of its tokens.
    #[serde(default)]
    pub profile: Profile,
    /// The clients whose tokens are accepted (`azp`, else `client_id`); any when absent.
    pub authorized_parties: Option<Vec<String>>,
    /// Where the claims of Sarus stand, as far as not where the profile has them.
    #[serde(default)]
    pub claims: ClaimSettings,
}

/// Where claims stand, as far as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimSettings {
    /// Roles.
    pub roles: Option<ClaimPlace>,
    /// Identifier of the agency.
    pub agency: Option<ClaimPlace>,
    /// Code of the unit.
    pub unit: Option<ClaimPlace>,
    /// Identifier of the cooperative.
    pub cooperative: Option<ClaimPlace>,
}

impl IssuerSettings {
    /// An issuer of tokens after RFC 9068 with keys from a file or an address.
    pub fn of(issuer: &str, keys: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: None,
            keys: keys.to_owned(),
            profile: Profile::Rfc9068,
            authorized_parties: None,
            claims: ClaimSettings::default(),
        }
    }

    /// What is wrong with the settings, if anything.
    pub fn fault(&self) -> Option<String> {
        let ClaimSettings { roles, agency, unit, cooperative } = &self.claims;
        let places = [roles, agency, unit, cooperative];
        let mut wrong = places.into_iter().flatten().filter(|place| !place.is_pointer());
        match wrong.next() {
            Some(place) => Some(format!("{place:?} is not a JSON pointer such as /realm_access/roles")),
            None if self.issuer.is_empty() => Some("an issuer without a name".to_owned()),
            None => None,
        }
    }

    fn places(&self) -> ClaimPlaces {
        let ClaimSettings { roles, agency, unit, cooperative } = self.claims.clone();
        let usual_roles = match self.profile {
            Profile::Rfc9068 => "/roles",
            Profile::Keycloak => "/realm_access/roles",
        };
        let place = |own: Option<ClaimPlace>, usual| own.unwrap_or_else(|| ClaimPlace::at(usual));
        ClaimPlaces {
            roles: place(roles, usual_roles),
            agency: place(agency, "/agency"),
            unit: place(unit, "/unit"),
            cooperative: place(cooperative, "/cooperative"),
        }
    }
}

/// Where the keys of an issuer come from.
enum Source {
    /// Read at the start.
    Fixed(Arc<[Key]>),
    /// Fetched from the issuer.
    Remote(Arc<RemoteKeys>),
}

/// An issuer whose tokens are accepted.
pub struct TrustedIssuer {
    issuer: String,
    audience: String,
    profile: Profile,
    authorized_parties: Option<Vec<String>>,
    places: ClaimPlaces,
    source: Source,
    /// The key that this service itself signs with, if it does as this issuer.
    own: Option<Key>,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Something is wrong with it; what, is nobody's business.
    Invalid,
    /// The keys of its issuer cannot be had now.
    NoKeys,
}

/// A token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What it claims.
    pub claims: Claims,
    /// The service account that this service issued it to.
    pub account: Option<Uuid>,
}

/// A token as it was sent, read but not believed.
struct Presented<'a> {
    text: &'a str,
    kind: String,
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: Map<String, Value>,
}

impl<'a> Presented<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split('.');
        let (header, claims) = (parts.next()?, parts.next()?);
        if text.len() > LONGEST_TOKEN || parts.count() != 1 {
            return None;
        }
        let object = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            match serde_json::from_slice::<Strict>(&bytes).ok()?.0 {
                Value::Object(members) => Some(members),
                _ => None,
            }
        };
        let (header, claims) = (object(header)?, object(claims)?);
        // An extension that must be understood is one that is not (RFC 7515, 4.1.11).
        if header.contains_key("crit") {
            return None;
        }
        let word = |name: &str| header.get(name).and_then(Value::as_str).map(str::to_owned);
        let key_id = word("kid");
        if header.contains_key("kid") && key_id.is_none() {
            return None;
        }
        let kind = word("typ").unwrap_or_default().to_ascii_lowercase();
        Some(Self { text, kind, algorithm: word("alg")?.parse().ok()?, key_id, claims })
    }

    fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// Whether it says that it is an access token.
    fn is_access_token(&self, profile: Profile) -> bool {
        let kind = self.kind.strip_prefix("application/").unwrap_or(&self.kind);
        kind == ACCESS_TOKEN
            || (profile == Profile::Keycloak && kind == "jwt" && self.claim("typ").is_some_and(|typ| typ == "Bearer"))
    }

    /// Whether a key signed it, and issuer, audience and times hold.
    fn holds(&self, key: &Key, issuer: &str, audience: &str) -> bool {
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        let latest = i64::try_from(super::now().saturating_add(LEEWAY)).unwrap_or(i64::MAX);
        let issued = self.claims.get("iat").and_then(Value::as_i64);
        key.fits(self.algorithm, self.key_id.as_deref())
            && issued.is_some_and(|issued| issued <= latest)
            && jsonwebtoken::decode::<IgnoredAny>(self.text, &key.key, &validation).is_ok()
    }
}

impl TrustedIssuer {
    /// An issuer of a configuration. Keys in a file are read now, keys behind an address when they are needed; `roots`
    /// names a file of certificates that are believed besides the public ones.
    ///
    /// # Errors
    /// The file cannot be read or holds no usable key, or the address is neither `https` nor the loopback.
    pub fn of(
        settings: IssuerSettings,
        audience: &str,
        roots: Option<PathBuf>,
        patience: Patience,
    ) -> Result<Self, KeyError> {
        let source = if settings.keys.contains("://") {
            Source::Remote(RemoteKeys::of(&settings.keys, roots, patience)?)
        } else {
            let failed = |error| KeyError::File(settings.keys.clone(), error);
            let keys = key_set::of_text(&std::fs::read_to_string(&settings.keys).map_err(failed)?);
            if keys.is_empty() {
                return Err(KeyError::NoKey(settings.keys));
            }
            Source::Fixed(keys.into())
        };
        Ok(Self::with(settings, audience, source))
    }

    /// An issuer whose tokens are signed with the private half of these keys, in PEM or a JWKS.
    pub fn of_keys(keys: &str, issuer: &str, audience: &str) -> Option<Self> {
        let keys = key_set::of_text(keys);
        let settings = IssuerSettings::of(issuer, "");
        (!keys.is_empty()).then(|| Self::with(settings, audience, Source::Fixed(keys.into())))
    }

    fn with(settings: IssuerSettings, audience: &str, source: Source) -> Self {
        let places = settings.places();
        let IssuerSettings { issuer, audience: own, keys: _, profile, authorized_parties, claims: _ } = settings;
        let audience = own.unwrap_or_else(|| audience.to_owned());
        Self { issuer, audience, profile, authorized_parties, places, source, own: None }
    }

    /// The same issuer, which is this service: it signs with the private half of this key, in PEM.
    #[must_use]
    pub fn signing_with(mut self, public: &str) -> Self {
        self.own = key_set::of_text(public).pop();
        self
    }

    async fn verify(&self, token: &Presented<'_>) -> Result<Verified, Refused> {
        let holds = |key: &Key| token.holds(key, &self.issuer, &self.audience);
        let is_own = token.is_access_token(Profile::Rfc9068) && self.own.as_ref().is_some_and(holds);
        if !is_own && !self.is_of_the_issuer(token, holds).await? {
            return Err(Refused::Invalid);
        }
        let places = if is_own { &ClaimPlaces::default() } else { &self.places };
        let claims = places.read(&token.claims).ok_or(Refused::Invalid)?;
        let account = claims.client_id.as_deref().filter(|_| is_own).and_then(|client| Uuid::try_parse(client).ok());
        Ok(Verified { claims, account })
    }

    async fn is_of_the_issuer(&self, token: &Presented<'_>, holds: impl Fn(&Key) -> bool) -> Result<bool, Refused> {
        let party = token.claim("azp").or_else(|| token.claim("client_id"));
        let is_admitted = |parties: &Vec<String>| party.is_some_and(|party| parties.iter().any(|known| known == party));
        if !token.is_access_token(self.profile) || !self.authorized_parties.as_ref().is_none_or(is_admitted) {
            return Ok(false);
        }
        let keys = match &self.source {
            Source::Fixed(keys) => Arc::clone(keys),
            Source::Remote(remote) => remote.keys(token.key_id.as_deref()).await.ok_or(Refused::NoKeys)?,
        };
        Ok(keys.iter().any(holds))
    }
}

impl Default for ClaimPlaces {
    fn default() -> Self {
        let [roles, agency, unit, cooperative] = ["/roles", "/agency", "/unit", "/cooperative"].map(ClaimPlace::at);
        Self { roles, agency, unit, cooperative }
    }
}

/// The issuers whose tokens are accepted.
pub struct Verifier {
    issuers: Vec<TrustedIssuer>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.issuers.iter().map(|issuer| issuer.issuer.as_str()).collect();
        write!(f, "Verifier({})", names.join(", "))
    }
}

impl Verifier {
    /// A verifier of the tokens of some issuers.
    pub const fn new(issuers: Vec<TrustedIssuer>) -> Self {
        Self { issuers }
    }

    /// Verifies the tokens of one issuer with keys in PEM or a JWKS.
    pub fn from_text(keys: &str, issuer: &str, audience: &str) -> Option<Self> {
        TrustedIssuer::of_keys(keys, issuer, audience).map(|issuer| Self::new(vec![issuer]))
    }

    /// Believes a token, or not.
    ///
    /// # Errors
    /// It does not hold, whatever is wrong with it; or its issuer's keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Verified, Refused> {
        let token = Presented::read(token).ok_or(Refused::Invalid)?;
        // The issuer chooses the keys: a key of another one verifies nothing (RFC 8725, 3.8).
        let name = token.claim("iss").ok_or(Refused::Invalid)?;
        let issuer = self.issuers.iter().find(|issuer| issuer.issuer == name).ok_or(Refused::Invalid)?;
        issuer.verify(&token).await
    }

    /// Fetches the keys of every issuer that publishes them, so that the first caller need not wait.
    pub async fn warm_up(&self) {
        for issuer in &self.issuers {
            if let Source::Remote(remote) = &issuer.source {
                remote.refresh().await;
            }
        }
    }
}
