//! The environment, read once. What is wrong is refused at start with the name of the variable; secrets never print.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use hyper::Uri;
use ipnet::IpNet;

use crate::api::edge::EdgeConfig;
use crate::keys::IssuerSettings;
use crate::store::Backend;

/// Everything that can be set from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on (`SARUS_LISTEN`).
    pub listen: SocketAddr,
    /// Address under which clients know Sarus (`SARUS_PUBLIC_URL`), without a slash at its end.
    pub public_url: String,
    /// The database (`SARUS_DATABASE_URL`): may hold a password, so it is not shown.
    pub database_url: Secret,
    /// Issuer of the tokens that are accepted, and of those that are issued (`SARUS_JWT_ISSUER`).
    pub issuer: String,
    /// Audience that tokens must name (`SARUS_JWT_AUDIENCE`).
    pub audience: String,
    /// Public keys of that issuer: file (PEM or JWKS), or address of a JWKS (`SARUS_JWT_KEYS`).
    pub keys: Option<String>,
    /// More issuers whose tokens are accepted (`SARUS_JWT_ISSUERS`): a JSON array, or the file of one.
    pub issuers: Vec<IssuerSettings>,
    /// File of certificates that are believed, besides the public ones, when keys are fetched (`SARUS_JWT_CA`).
    pub authorities: Option<PathBuf>,
    /// File of the private key that `sarus token` and `/v1/oauth/token` sign with (`SARUS_JWT_SIGNING_KEY`).
    pub signing_key: Option<PathBuf>,
    /// File of the private key that seals reports and aggregates, Ed25519 or P-256 (`SARUS_REPORT_SIGNING_KEY`).
    pub report_key: Option<PathBuf>,
    /// File of public keys that sealed before, a JWKS: they stay published (`SARUS_REPORT_RETIRED_KEYS`).
    pub retired_report_keys: Option<PathBuf>,
    /// A listener of its own for `/metrics` (`SARUS_METRICS_LISTEN`).
    pub metrics_listen: Option<SocketAddr>,
    /// How much each client may ask (`SARUS_RATE_LIMIT`, a minute; 0: no limit), the web pages that may call
    /// (`SARUS_CORS_ORIGINS`), the proxies that are believed (`SARUS_TRUSTED_PROXIES`).
    pub edge: EdgeConfig,
}

/// Requests a minute that a client may make of a replica, unless it is said otherwise.
const RATE_LIMIT: u32 = 6000;

/// A text that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub const fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself, for where it is used.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// A variable that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {fault}")]
pub struct ConfigError {
    variable: &'static str,
    fault: String,
}

impl Config {
    /// Reads the variables with a function from name to value.
    ///
    /// # Errors
    /// The first variable that cannot be used, by name.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let given = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let address = |name: &'static str, text: &str| {
            let fault =
                |_| ConfigError { variable: name, fault: format!("{text} is not an address such as 127.0.0.1:8080") };
            text.parse::<SocketAddr>().map_err(fault)
        };
        let listen = address("SARUS_LISTEN", given("SARUS_LISTEN").as_deref().unwrap_or("127.0.0.1:8080"))?;
        let metrics_listen =
            given("SARUS_METRICS_LISTEN").map(|text| address("SARUS_METRICS_LISTEN", &text)).transpose()?;
        let public_url = given("SARUS_PUBLIC_URL").unwrap_or_else(|| format!("http://{listen}"));
        if !public_url.starts_with("http://") && !public_url.starts_with("https://") {
            let fault = format!("{public_url} does not start with http:// or https://");
            return Err(ConfigError { variable: "SARUS_PUBLIC_URL", fault });
        }
        let public_url = public_url.trim_end_matches('/').to_owned();
        if public_url.split_once("://").is_none_or(|(_, host)| {
            host.is_empty() || host.contains(['/', '?', '#', '@']) || host.contains(char::is_whitespace)
        }) {
            let fault = format!("{public_url} is not scheme and host alone: paths begin at the root of the host");
            return Err(ConfigError { variable: "SARUS_PUBLIC_URL", fault });
        }
        let database_url = given("SARUS_DATABASE_URL").unwrap_or_else(|| "sqlite://sarus.db".to_owned());
        if Backend::of_url(&database_url).is_none() {
            let fault = "must start with sqlite:// or postgres://".to_owned();
            return Err(ConfigError { variable: "SARUS_DATABASE_URL", fault });
        }
        let config = Self {
            listen,
            issuer: given("SARUS_JWT_ISSUER").unwrap_or_else(|| public_url.clone()),
            public_url,
            database_url: Secret::new(database_url),
            audience: given("SARUS_JWT_AUDIENCE").unwrap_or_else(|| "sarus".to_owned()),
            keys: given("SARUS_JWT_KEYS"),
            issuers: issuers(given("SARUS_JWT_ISSUERS"))?,
            authorities: given("SARUS_JWT_CA").map(PathBuf::from),
            signing_key: given("SARUS_JWT_SIGNING_KEY").map(PathBuf::from),
            report_key: given("SARUS_REPORT_SIGNING_KEY").map(PathBuf::from),
            retired_report_keys: given("SARUS_REPORT_RETIRED_KEYS").map(PathBuf::from),
            metrics_listen,
            edge: edge(&given)?,
        };
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        if !self.has_keys() && self.backend() == Some(Backend::Postgres) {
            let fault = "must name public keys (file or address): without keys Sarus runs on SQLite only".to_owned();
            return Err(ConfigError { variable: "SARUS_JWT_KEYS", fault });
        }
        let mut names: Vec<&str> = self.issuers.iter().map(|issuer| issuer.issuer.as_str()).collect();
        names.extend(self.is_issuer().then_some(self.issuer.as_str()));
        names.sort_unstable();
        if let Some([twice, _]) = names.windows(2).find(|pair| matches!(pair, [one, other] if one == other)) {
            let fault = format!("{twice} is named twice: its keys would not be told apart");
            return Err(ConfigError { variable: "SARUS_JWT_ISSUERS", fault });
        }
        if self.is_development() && !self.listen.ip().is_loopback() {
            let fault = format!("{} is not a loopback address: set SARUS_JWT_KEYS to serve others", self.listen);
            return Err(ConfigError { variable: "SARUS_LISTEN", fault });
        }
        Ok(self)
    }

    fn backend(&self) -> Option<Backend> {
        Backend::of_url(self.database_url.expose())
    }

    /// Whether somebody's tokens can be verified without a key of development mode.
    fn has_keys(&self) -> bool {
        self.keys.is_some() || self.signing_key.is_some() || !self.issuers.is_empty()
    }

    /// Development mode: no key variable is set and the database is SQLite. Loopback only, with a key of its own.
    pub fn is_development(&self) -> bool {
        !self.has_keys() && self.backend() == Some(Backend::Sqlite)
    }

    /// Whether tokens of `SARUS_JWT_ISSUER` are accepted: there are keys of it, the signing key or that of development.
    pub fn is_issuer(&self) -> bool {
        self.keys.is_some() || self.signing_key.is_some() || self.is_development()
    }

    /// The file that keeps the development key: beside the database file.
    pub fn development_key(&self) -> PathBuf {
        let url = self.database_url.expose();
        let file = url.trim_start_matches("sqlite:").trim_start_matches("//");
        let file = file.split_once('?').map_or(file, |(file, _)| file);
        PathBuf::from(format!("{file}.dev-key.pem"))
    }
}

/// The issuers of a JSON array, given as such or in a file.
fn issuers(given: Option<String>) -> Result<Vec<IssuerSettings>, ConfigError> {
    let wrong = |fault: String| ConfigError { variable: "SARUS_JWT_ISSUERS", fault };
    let Some(given) = given else { return Ok(Vec::new()) };
    let text = if given.starts_with('[') {
        given
    } else {
        std::fs::read_to_string(&given).map_err(|error| wrong(format!("{given}: {error}")))?
    };
    let issuers: Vec<IssuerSettings> = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    match issuers.iter().find_map(IssuerSettings::fault) {
        Some(fault) => Err(wrong(fault)),
        None => Ok(issuers),
    }
}

/// Whether a text is an origin (RFC 6454): scheme, host and perhaps port, nothing else.
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return false;
    };
    let is_bare = match authority.port_u16() {
        Some(port) => authority.as_str() == format!("{}:{port}", authority.host()),
        None => authority.as_str() == authority.host(),
    };
    is_bare && !authority.host().contains('*') && text == format!("{scheme}://{authority}")
}

fn edge(given: &impl Fn(&str) -> Option<String>) -> Result<EdgeConfig, ConfigError> {
    let wrong = |variable: &'static str, text: &str, wanted: &str| ConfigError {
        variable,
        fault: format!("{text} is not {wanted}"),
    };
    let list = |name: &str| -> Vec<String> {
        let text = given(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
    };
    let limit = given("SARUS_RATE_LIMIT").unwrap_or_else(|| RATE_LIMIT.to_string());
    let limit: u32 = limit.parse().map_err(|_| wrong("SARUS_RATE_LIMIT", &limit, "a number of requests a minute"))?;
    let origins = list("SARUS_CORS_ORIGINS");
    if let Some(origin) = origins.iter().find(|text| !is_origin(text)) {
        return Err(wrong("SARUS_CORS_ORIGINS", origin, "an origin such as https://front.example"));
    }
    let network = |text: String| {
        let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
        let network = text.parse::<IpNet>().ok().or_else(single);
        network.ok_or_else(|| wrong("SARUS_TRUSTED_PROXIES", &text, "an address or a network such as 10.0.0.0/8"))
    };
    let proxies = list("SARUS_TRUSTED_PROXIES").into_iter().map(network).collect::<Result<_, _>>()?;
    Ok(EdgeConfig { rate_limit: NonZeroU32::new(limit), origins, proxies, ..EdgeConfig::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn an_empty_environment_is_development_on_the_loopback() {
        let config = read(&[]).unwrap();
        assert!(config.is_development());
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert_eq!(config.development_key(), PathBuf::from("sarus.db.dev-key.pem"));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let cases: [(&[(&str, &str)], &str); 21] = [
            (&[("SARUS_LISTEN", "everywhere")], "SARUS_LISTEN"),
            (&[("SARUS_LISTEN", "0.0.0.0:80")], "SARUS_LISTEN"),
            (&[("SARUS_PUBLIC_URL", "sarus")], "SARUS_PUBLIC_URL"),
            (&[("SARUS_PUBLIC_URL", "https://sarus.example/base")], "SARUS_PUBLIC_URL"),
            (&[("SARUS_PUBLIC_URL", "https://")], "SARUS_PUBLIC_URL"),
            (&[("SARUS_DATABASE_URL", "mysql://x")], "SARUS_DATABASE_URL"),
            (&[("SARUS_DATABASE_URL", "postgres://x")], "SARUS_JWT_KEYS"),
            (&[("SARUS_METRICS_LISTEN", "9")], "SARUS_METRICS_LISTEN"),
            (&[("SARUS_RATE_LIMIT", "many")], "SARUS_RATE_LIMIT"),
            (&[("SARUS_CORS_ORIGINS", "*")], "SARUS_CORS_ORIGINS"),
            (&[("SARUS_CORS_ORIGINS", "https://a.example:99999")], "SARUS_CORS_ORIGINS"),
            (&[("SARUS_CORS_ORIGINS", "https://me@a.example")], "SARUS_CORS_ORIGINS"),
            (&[("SARUS_CORS_ORIGINS", "https://a.example/")], "SARUS_CORS_ORIGINS"),
            (&[("SARUS_CORS_ORIGINS", "https://a.example, https://b.example/path")], "SARUS_CORS_ORIGINS"),
            (&[("SARUS_TRUSTED_PROXIES", "10.0.0.0/8, proxy")], "SARUS_TRUSTED_PROXIES"),
            (&[("SARUS_JWT_ISSUERS", "/no/such/file")], "SARUS_JWT_ISSUERS"),
            (&[("SARUS_JWT_ISSUERS", r#"[{"issuer": "https://a.example"}]"#)], "SARUS_JWT_ISSUERS"),
            (&[("SARUS_JWT_ISSUERS", r#"[{"issuer": "", "keys": "k"}]"#)], "SARUS_JWT_ISSUERS"),
            (&[("SARUS_JWT_ISSUERS", r#"[{"issuer": "a", "keys": "k", "algorithm": "HS256"}]"#)], "SARUS_JWT_ISSUERS"),
            (
                &[("SARUS_JWT_ISSUERS", r#"[{"issuer": "a", "keys": "k", "claims": {"unit": "unit"}}]"#)],
                "SARUS_JWT_ISSUERS",
            ),
            (
                &[
                    ("SARUS_JWT_ISSUER", "https://a.example"),
                    ("SARUS_JWT_KEYS", "k"),
                    ("SARUS_JWT_ISSUERS", r#"[{"issuer": "https://a.example", "keys": "k"}]"#),
                ],
                "SARUS_JWT_ISSUERS",
            ),
        ];
        for (variables, name) in cases {
            assert_eq!(read(variables).unwrap_err().variable, name);
        }
    }

    #[test]
    fn several_issuers_are_read_with_where_their_claims_stand() {
        let keycloak = r#"[{"issuer": "https://login.example/realms/hop-tac-xa", "audience": "sarus", "profile": "keycloak",
            "keys": "https://login.example/realms/hop-tac-xa/protocol/openid-connect/certs",
            "authorizedParties": ["front-end"], "claims": {"unit": {"at": "/groups", "prefix": "/sarus/unit/"}}}]"#;
        let config = read(&[("SARUS_DATABASE_URL", "postgres://h/d"), ("SARUS_JWT_ISSUERS", keycloak)]).unwrap();
        assert_eq!(config.issuers.len(), 1);
        assert!(!config.is_development() && !config.is_issuer(), "nobody signs as Sarus itself");
        let own = read(&[("SARUS_DATABASE_URL", "postgres://h/d"), ("SARUS_JWT_SIGNING_KEY", "private.pem")]).unwrap();
        assert!(own.is_issuer());
    }

    #[test]
    fn secrets_do_not_print() {
        let config = read(&[("SARUS_DATABASE_URL", "postgres://u:hush@h/d"), ("SARUS_JWT_KEYS", "k")]).unwrap();
        assert!(!format!("{config:?}").contains("hush"));
    }

    /// What README says of the configuration is what is read, no more and no less, with the same defaults.
    #[test]
    fn the_readme_tells_every_variable_and_no_other() {
        let asked = std::cell::RefCell::new(std::collections::BTreeSet::from(["RUST_LOG".to_owned()]));
        let variable = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            None
        };
        let config = Config::read(variable).unwrap();
        let readme = include_str!("../README.md");
        let (_, part) = readme.split_once("\n## Configuration\n").unwrap();
        let (part, _) = part.split_once("\n## ").unwrap();
        let rows = part.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        let told: std::collections::BTreeMap<_, _> =
            rows.map(|(name, rest)| (name.to_owned(), rest.split(" | ").next().unwrap().to_owned())).collect();
        assert_eq!(told.keys().collect::<Vec<_>>(), asked.borrow().iter().collect::<Vec<_>>());
        let limit = config.edge.rate_limit.unwrap().to_string();
        for (name, default) in [
            ("SARUS_LISTEN", config.listen.to_string()),
            ("SARUS_DATABASE_URL", config.database_url.expose().to_owned()),
            ("SARUS_JWT_AUDIENCE", config.audience),
            ("SARUS_RATE_LIMIT", limit),
        ] {
            assert_eq!(told[name], format!("`{default}`"), "{name}");
        }
        assert_eq!(
            (config.public_url, config.issuer),
            ("http://127.0.0.1:8080".to_owned(), "http://127.0.0.1:8080".to_owned())
        );
        // A service that is started to be tested is configured by nothing from outside.
        let script = include_str!("../.ci/with-service");
        for name in asked.borrow().iter().filter(|name| name.starts_with("SARUS_")) {
            let is_set = script.contains(&format!("export {name}=")) || script.contains(&format!("{name}=\"127"));
            let unset = script.lines().find(|line| line.starts_with("unset ")).unwrap();
            assert!(is_set || unset.split(' ').any(|word| word == name), "{name}");
        }
    }
}
