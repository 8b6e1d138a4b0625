//! What stands between the service and its clients: how much each may ask, which web pages may call, and which proxies
//! are believed about who calls.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::http::header::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

/// Seconds over which requests are counted.
const WINDOW: u64 = 60;

/// Requests a minute that one address may make for tokens: each costs a hash that is slow on purpose.
const GRANTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

/// How long a client may take to send the head of a request, again its body, and to take some of an answer: longer than any
/// loaded machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The edge as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeConfig {
    /// Requests a minute that one client may make of one replica; none: no limit.
    pub rate_limit: Option<NonZeroU32>,
    /// Origins of web pages that may call from a browser.
    pub origins: Vec<String>,
    /// Networks of the proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
    /// How long a client may take to send the head of a request, again its body, and to take some of an answer. Whoever is
    /// slower is cut: with 408 in a body and in the first head of a connection.
    pub patience: Duration,
}

impl Default for EdgeConfig {
    fn default() -> Self {
        Self { rate_limit: None, origins: Vec::new(), proxies: Vec::new(), patience: PATIENCE }
    }
}

/// The edge at work.
#[derive(Debug)]
pub struct Edge {
    config: EdgeConfig,
    limiter: Option<Limiter>,
    grants: Limiter,
}

/// Counts by the name of a client.
type Limiter = DefaultKeyedRateLimiter<String, StateInformationMiddleware>;

/// What a client may still ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a window.
    pub limit: u32,
    /// Requests left now.
    pub remaining: u32,
    /// Seconds until something is allowed again; none while something is.
    pub wait: Option<u64>,
}

impl Edge {
    /// An edge.
    pub fn new(config: EdgeConfig) -> Self {
        let keyed = |limit| RateLimiter::keyed(Quota::per_minute(limit)).with_middleware();
        Self { limiter: config.rate_limit.map(keyed), grants: keyed(GRANTS), config }
    }

    /// The origins of web pages that may call.
    pub fn origins(&self) -> &[String] {
        &self.config.origins
    }

    /// How long a client may take to send the head of a request, again its body, and to take some of an answer.
    pub const fn patience(&self) -> Duration {
        self.config.patience
    }

    /// Counts a request of a client.
    pub fn count(&self, client: &str) -> Option<Allowance> {
        Some(counted(self.limiter.as_ref()?, self.config.rate_limit?, client))
    }

    /// Counts a request for a token. Strangers make them, so they are limited where nothing else is.
    pub fn count_grant(&self, address: &str) -> Allowance {
        counted(&self.grants, GRANTS, address)
    }

    /// Forgets the clients that have not called for a window.
    pub fn forget_idle_clients(&self) {
        for limiter in self.limiter.iter().chain([&self.grants]) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    /// The address of the client: of the peer, or what trusted proxies say. Only the part of `X-Forwarded-For` that
    /// they have written themselves counts: from the right, up to the first address that is not one of them.
    pub fn client_address(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let is_trusted = |address: &IpAddr| self.config.proxies.iter().any(|network| network.contains(address));
        let peer = peer?;
        if !is_trusted(&peer) {
            return Some(peer);
        }
        let forwarded = headers.get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let named: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        let mut nearest = peer;
        for name in named.iter().rev() {
            let Ok(address) = name.parse() else { return Some(nearest) };
            nearest = address;
            if !is_trusted(&nearest) {
                break;
            }
        }
        Some(nearest)
    }
}

fn counted(limiter: &Limiter, limit: NonZeroU32, client: &str) -> Allowance {
    let limit = limit.get();
    match limiter.check_key(&client.to_owned()) {
        Ok(state) => Allowance { limit, remaining: state.remaining_burst_capacity(), wait: None },
        Err(refused) => {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            Allowance { limit, remaining: 0, wait: Some(wait.as_secs() + 1) }
        }
    }
}

impl Allowance {
    /// `RateLimit-Policy`: how much in which window.
    pub fn policy(&self) -> String {
        format!("\"default\";q={};w={WINDOW}", self.limit)
    }

    /// `RateLimit`: how much is left, and the seconds until all is allowed again.
    pub fn state(&self) -> String {
        let used = u64::from(self.limit.saturating_sub(self.remaining));
        let reset = (used * WINDOW).div_ceil(u64::from(self.limit.max(1)));
        format!("\"default\";r={};t={reset}", self.remaining)
    }
}

/// The methods that operations have.
const METHODS: [&str; 6] = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

/// What web pages of these origins may do: call every operation and read every header of an answer.
pub fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default().allowed_methods(METHODS).allow_any_header().expose_any_header().max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn edge(rate_limit: u32, proxies: &[&str]) -> Edge {
        let proxies = proxies.iter().map(|network| network.parse().unwrap()).collect();
        Edge::new(EdgeConfig { rate_limit: NonZeroU32::new(rate_limit), proxies, ..EdgeConfig::default() })
    }

    #[test]
    fn each_client_has_its_own_allowance() {
        let edge = edge(2, &[]);
        let first = edge.count("a").unwrap();
        assert_eq!((first.remaining, first.policy().as_str()), (1, "\"default\";q=2;w=60"));
        assert_eq!(edge.count("a").unwrap().state(), "\"default\";r=0;t=60");
        let refused = edge.count("a").unwrap();
        assert!(refused.wait.is_some_and(|seconds| (1..=60).contains(&seconds)), "{refused:?}");
        assert_eq!(edge.count("b").unwrap().wait, None);
        assert_eq!(Edge::new(EdgeConfig::default()).count("a"), None);
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusting = edge(0, &["10.0.0.0/8"]);
        let address = |edge: &Edge, peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(forwarded).unwrap());
            edge.client_address(peer.parse().ok(), &headers).unwrap().to_string()
        };
        assert_eq!(address(&trusting, "10.0.0.1", "203.0.113.9"), "203.0.113.9");
        assert_eq!(address(&trusting, "10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.7"), "203.0.113.9");
        assert_eq!(address(&trusting, "10.0.0.1", "nonsense"), "10.0.0.1");
        assert_eq!(address(&trusting, "10.0.0.1", "10.0.0.2"), "10.0.0.2");
        assert_eq!(address(&trusting, "198.51.100.7", "203.0.113.9"), "198.51.100.7");
        assert_eq!(address(&edge(0, &[]), "10.0.0.1", "203.0.113.9"), "10.0.0.1");
    }
}
