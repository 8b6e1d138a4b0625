//! Requests that could not be read: a head that is not HTTP, is too large or too slow. The server library refuses them with a
//! status alone, before there is a request; here the refusal gets the problem that every other one has.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::http::header;

use super::error::{ApiError, Asked, Kind};
use super::gate;
use crate::clock::Clock;

/// The headers that the library gives such a refusal: an answer of ours has others.
const BARE: [&str; 3] = ["content-length", "connection", "date"];

/// What is sent in place of what the library would, where that ends with a bare refusal.
pub(super) fn in_words(sent: &[u8], public_url: &Arc<str>) -> Option<Vec<u8>> {
    let (before, head) = bare_refusal(sent)?;
    let status_line = head.lines().next()?;
    let error = refusal(status_line.split(' ').nth(1)?)?;
    let asked = Asked {
        path: "/".to_owned(),
        trace_id: Clock::new_trace(),
        english: false,
        public_url: Arc::clone(public_url),
        body: None,
    };
    tracing::info!(trace_id = %asked.trace_id, %error, "refused before there was a request");
    let mut response = error.answer(&asked);
    gate::finish_headers(response.headers_mut(), &asked, None);
    let mut said = [before, status_line.as_bytes(), b"\r\n"].concat();
    for line in head.lines().filter(|line| line.starts_with("date:")) {
        said.extend_from_slice(format!("{line}\r\n").as_bytes());
    }
    for (name, value) in response.headers().iter().filter(|(name, _)| *name != header::CONNECTION) {
        said.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let body = response.into_body().try_into_bytes().ok()?;
    said.extend_from_slice(format!("connection: close\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
    said.extend_from_slice(&body);
    Some(said)
}

/// The refusal of a status.
fn refusal(status: &str) -> Option<ApiError> {
    match status {
        "400" => Some(ApiError::of(Kind::MalformedRequest)),
        "408" => Some(ApiError::because(
            Kind::RequestTimeout,
            "Phần đầu của yêu cầu không đến đủ trong thời gian cho phép.",
            "The head of the request did not arrive whole in the time that is given.",
        )),
        "431" => Some(ApiError::of(Kind::HeadTooLarge)),
        _ => None,
    }
}

/// What comes before a bare refusal, and its head.
fn bare_refusal(sent: &[u8]) -> Option<(&[u8], &str)> {
    const BEGINS: &[u8] = b"HTTP/1.1 4";
    if !sent.ends_with(b"\r\n\r\n") {
        return None;
    }
    let start = sent.windows(BEGINS.len()).rposition(|window| window == BEGINS)?;
    let (before, head) = sent.split_at_checked(start)?;
    let head = str::from_utf8(head).ok()?;
    let mut lines = head.lines().skip(1).filter(|line| !line.is_empty());
    let is_bare = lines.all(|line| {
        let name = line.split(':').next().unwrap_or_default();
        BARE.iter().any(|bare| name.eq_ignore_ascii_case(bare))
    });
    is_bare.then_some((before, head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_refusal_gets_its_problem_and_nothing_else_is_touched() {
        let url: Arc<str> = "https://sarus.example".into();
        let bare = "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ndate: Tue, 24 Nov 2026 02:00:00 GMT\r\n\r\n";
        let earlier = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\napi-version: 0.1.0\r\n\r\nok";
        let said = in_words(format!("{earlier}{bare}").as_bytes(), &url).unwrap();
        let said = String::from_utf8(said).unwrap();
        let (head, body) = said.strip_prefix(earlier).unwrap().split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\ndate: Tue, 24 Nov"), "{head}");
        for due in
            ["api-version: ", "content-type: application/problem+json", "connection: close", "content-language: vi"]
        {
            assert!(head.contains(due), "{head}");
        }
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&problem["code"], &problem["status"]), (&"head_too_large".into(), &431.into()));
        assert_eq!(problem["type"], "https://sarus.example/problems/head_too_large");

        let ours = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\napi-version: 0.1.0\r\n\r\n";
        let good = "HTTP/1.1 304 Not Modified\r\ndate: x\r\n\r\n";
        for other in [earlier, ours, good, "", "\r\n\r\n"] {
            assert_eq!(in_words(other.as_bytes(), &url), None, "{other}");
        }
    }
}
