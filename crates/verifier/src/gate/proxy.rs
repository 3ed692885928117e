//! The proxies that ask, each in its own words.

use std::fmt;

/// Whose words tell the original request. Nothing of the other proxies' words is read, for a client can send them.
///
/// | | the original method | the original URI |
/// | --- | --- | --- |
/// | Caddy, Traefik | `X-Forwarded-Method` | `X-Forwarded-Uri` |
/// | Envoy | that of the request | that of the request, behind [`ENVOY_PREFIX`] |
/// | nginx | `X-Original-Method` | `X-Original-URI` |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proxy {
    /// Caddy's `forward_auth`.
    Caddy,
    /// Envoy's `ext_authz` over HTTP.
    Envoy,
    /// The `auth_request` of nginx.
    Nginx,
    /// Traefik's `forwardAuth`.
    Traefik,
}

/// What stands before the original path in a question of [`Proxy::Envoy`]: the `path_prefix` of its filter.
pub const ENVOY_PREFIX: &str = "/auth/envoy";

impl Proxy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Caddy, Self::Envoy, Self::Nginx, Self::Traefik];

    /// Its name in configurations and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caddy => "caddy",
            Self::Envoy => "envoy",
            Self::Nginx => "nginx",
            Self::Traefik => "traefik",
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
