//! From where a request comes, as far as it can be believed.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Proxies whose word on where a request comes from is taken.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

/// One place people come from: an IPv4 address, or a /64 of IPv6, which is what one line is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin(IpAddr);

impl Proxies {
    #[must_use]
    pub const fn new(nets: Vec<IpNet>) -> Self {
        Self(nets)
    }

    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    #[must_use]
    pub fn origin_of(&self, request: &HttpRequest) -> Origin {
        let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip());
        Origin::of(self.farthest(peer, request.headers()))
    }

    /// Each proxy adds at the end of `X-Forwarded-For` who came to it. So it is read from the end, as long as whoever
    /// wrote it is trusted; what stands before may be anybody's invention.
    fn farthest(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<&str> =
            headers.get_all("x-forwarded-for").filter_map(|line| line.to_str().ok()).collect();
        let mut said = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.contain(client) {
            let Some(Ok(before)) = said.next().map(|text| text.trim().parse::<IpAddr>()) else { break };
            client = before.to_canonical();
        }
        client
    }
}

impl Origin {
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(IpAddr::V4(address)),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn origin(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let proxies = Proxies::new(proxies.iter().map(|net| net.parse().unwrap()).collect());
        let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
        for line in forwarded {
            request = request.append_header(("x-forwarded-for", *line));
        }
        proxies.origin_of(&request.to_http_request()).to_string()
    }

    #[test]
    fn what_a_stranger_says_of_itself_is_not_believed() {
        assert_eq!(origin(&[], "203.0.113.9:1", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(origin(&["10.0.0.0/8"], "203.0.113.9:1", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_who_came_to_it_and_no_further() {
        let proxies = &["10.0.0.0/8", "fd00::/8"];
        assert_eq!(origin(proxies, "10.0.0.1:1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(origin(proxies, "10.0.0.1:1", &["1.1.1.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(origin(proxies, "10.0.0.1:1", &["1.1.1.1", "198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(origin(proxies, "[::ffff:10.0.0.1]:1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(origin(proxies, "10.0.0.1:1", &["nonsense"]), "10.0.0.1");
        assert_eq!(origin(proxies, "10.0.0.1:1", &["198.51.100.1, nonsense"]), "10.0.0.1");
        assert_eq!(origin(proxies, "10.0.0.1:1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_line_of_ipv6_is_one_place() {
        let first = origin(&[], "[2001:db8:1:2::1]:1", &[]);
        assert_eq!(first, origin(&[], "[2001:db8:1:2:ffff:ffff:ffff:ffff]:1", &[]));
        assert_ne!(first, origin(&[], "[2001:db8:1:3::1]:1", &[]));
    }
}
