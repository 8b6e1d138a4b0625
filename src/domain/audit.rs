//! The audit trail (*nhật ký kiểm toán*): what was written and shared, by whom, and checkpoints that show that nobody changed it
//! since. domain.md §7 gives it to the inspectorate; Decrees 47/2020/NĐ-CP and 278/2025/NĐ-CP want every share logged with time,
//! requesting agency, content and status.
//!
//! Anyone can recompute the digests: of an event over its own JSON without `place` and `digest`, of a checkpoint over its JSON
//! without `id`, `digest` and `signature`, both canonical; `eventsDigest` over the digests of the events in the order of
//! their places, each followed by a line feed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::digest::{canonical, hex, sha256_hex};
use super::role::names;

names! {
    /// What an event of the audit trail is of.
    AuditKind {
        /// Something was written: made, changed, a step taken, deleted, imported.
        Write = "write",
        /// Records left the service in bulk, or were read by those whose reach is the whole country.
        Share = "share",
        /// A token was issued to a service account.
        Token = "token",
    }
}

/// One event of the audit trail.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Identifier.
    pub id: Uuid,
    /// Its place in the trail, counted from 1 without a gap; given shortly after the event was committed.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 167)]
    pub place: Option<i64>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// What it is of.
    pub kind: AuditKind,
    /// Issuer of the token that was shown; of a token that was issued, its own.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "https://id.sarus.example")]
    pub issuer: String,
    /// The person or machine: `sub` of the token.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "lead-agency@89")]
    pub subject: String,
    /// The role on that day.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z-]+$", example = "lead-agency")]
    pub role: String,
    /// The agency acted for: of a share the requesting agency.
    pub agency: Option<Uuid>,
    /// The unit of that agency.
    #[schema(min_length = 1, max_length = 10, pattern = "^[0-9]+$", example = "89")]
    pub unit: Option<String>,
    /// The cooperative acted for.
    pub cooperative: Option<Uuid>,
    /// The operation, as in this document.
    #[schema(min_length = 1, max_length = 80, pattern = "^[a-z][A-Za-z]+$", example = "createCooperative")]
    pub operation: String,
    /// Method of the request.
    #[schema(min_length = 3, max_length = 7, pattern = "^[A-Z]+$", example = "POST")]
    pub method: String,
    /// Path of the request.
    #[schema(min_length = 1, max_length = 1000, pattern = "^/v1/", example = "/v1/cooperatives")]
    pub path: String,
    /// Query of the request, as it was sent: what was asked for.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "unit=888")]
    pub query: Option<String>,
    /// The resource, as in its path.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z-]+$", example = "cooperatives")]
    pub resource: String,
    /// Identifier or code of the record; absent where a list was shared.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d")]
    pub record: Option<String>,
    /// The version that it made; absent of deletions, shares, and where records have no versions.
    #[schema(minimum = 1, maximum = 2147483647)]
    pub version: Option<i32>,
    /// Status of the answer.
    #[schema(minimum = 200, maximum = 299, example = 201)]
    pub status: i32,
    /// Media type of what was shared.
    #[schema(min_length = 3, max_length = 200, pattern = "^[!-~]+$", example = "application/x-ndjson")]
    pub media_type: Option<String>,
    /// SHA-256 of the canonical JSON (RFC 8785) of the body of the request; of a file that was sent, of its bytes.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub request_digest: Option<String>,
    /// SHA-256 of the body that was answered, byte by byte; absent of streams and where the answer showed a secret.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub answer_digest: Option<String>,
    /// The trace of the request: of `traceparent`, or the service's own.
    #[schema(
        min_length = 32,
        max_length = 32,
        pattern = "^[0-9a-f]{32}$",
        example = "4bf92f3577b34da6a3ce929d0e0e4736"
    )]
    pub trace_id: String,
    /// Address of the client: of the peer, or what trusted proxies say.
    #[schema(min_length = 2, max_length = 45, pattern = "^[0-9a-f.:]+$", example = "203.0.113.9")]
    pub client_address: Option<String>,
    /// `X-Road-Id` of the request.
    #[schema(min_length = 1, max_length = 200, pattern = "^[ -~]+$", example = "29f4d011ef17c2f2e38a8b0d2a6b3b1e")]
    pub x_road_id: Option<String>,
    /// `X-Road-UserId` of the request.
    #[schema(min_length = 1, max_length = 200, pattern = "^[ -~]+$", example = "VN0123456789")]
    pub x_road_user_id: Option<String>,
    /// SHA-256 of the canonical JSON of this event without `place` and `digest`.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
}

/// The canonical JSON of a thing without some members.
fn canonical_without(thing: &impl Serialize, members: &[&str]) -> String {
    // Strings, integers and instants always have a JSON form.
    let mut content = serde_json::to_value(thing).unwrap_or_default();
    if let Value::Object(content) = &mut content {
        content.retain(|name, _| !members.contains(&name.as_str()));
    }
    canonical(&content)
}

impl AuditEvent {
    /// The digest of what it says.
    pub fn computed_digest(&self) -> String {
        sha256_hex(&canonical_without(self, &["place", "digest"]))
    }

    /// The same event under the digest of what it says.
    #[must_use]
    pub fn sealed(self) -> Self {
        Self { digest: self.computed_digest(), ..self }
    }
}

/// The digest over the digests of events, in their order.
#[derive(Debug, Clone)]
pub struct EventsDigest {
    lines: Sha256,
    count: i64,
    reached: i64,
}

impl EventsDigest {
    /// Of the events after a place: none yet.
    pub fn after(place: i64) -> Self {
        Self { lines: Sha256::new(), count: 0, reached: place }
    }

    /// Adds the digest of the next event, at its place.
    pub fn add(&mut self, place: i64, digest: &str) {
        self.lines.update(digest.as_bytes());
        self.lines.update(b"\n");
        self.count += 1;
        self.reached = place;
    }

    /// How many were added.
    pub const fn count(&self) -> i64 {
        self.count
    }

    /// The place of the last one.
    pub const fn reached(&self) -> i64 {
        self.reached
    }

    /// The digest, in lower-case hexadecimal.
    pub fn finish(self) -> String {
        hex(&self.lines.finalize())
    }
}

/// A checkpoint of the audit trail.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditCheckpoint {
    /// Identifier.
    pub id: Uuid,
    /// Its number, counted from 1 without a gap.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 2)]
    pub number: i64,
    /// Place of the first event that it covers: the one after the last of the checkpoint before.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 101)]
    pub from_place: i64,
    /// Place of the last event that it covers.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 167)]
    pub to_place: i64,
    /// How many events it covers. Fewer than there are places between: some were gone already when it was made.
    #[schema(minimum = 0, maximum = 100_000, example = 67)]
    pub count: i64,
    /// SHA-256 over the `digest` of each event in the order of places, each followed by a line feed.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub events_digest: String,
    /// `digest` of the checkpoint before; absent of the first.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub previous: Option<String>,
    /// Why it was made; absent of those that the service makes by itself.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Thanh tra năm 2025 (dữ liệu mẫu)")]
    pub reason: Option<String>,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
    /// SHA-256 of the canonical JSON (RFC 8785) of this checkpoint without `id`, `digest` and `signature`.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// The seal of the service over the same canonical JSON, where it has a key: a JWS (RFC 7515) without its payload, to be
    /// checked with the keys at `/.well-known/jwks.json`.
    #[schema(min_length = 10, max_length = 1000, pattern = r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$")]
    pub signature: Option<String>,
}

/// The most events that a checkpoint covers.
pub const MOST_COVERED: i64 = 100_000;

impl AuditCheckpoint {
    /// The checkpoint that follows another, or the first, over the events after it.
    pub fn after(
        before: Option<&Self>,
        covered: EventsDigest,
        id: Uuid,
        reason: Option<String>,
        now: DateTime<Utc>,
    ) -> Self {
        let (number, last, previous) = before.map_or((1, 0, None), |checkpoint| {
            (checkpoint.number + 1, checkpoint.to_place, Some(checkpoint.digest.clone()))
        });
        let checkpoint = Self {
            id,
            number,
            from_place: last + 1,
            to_place: covered.reached(),
            count: covered.count(),
            events_digest: covered.finish(),
            previous,
            reason,
            recorded_at: now,
            digest: String::new(),
            signature: None,
        };
        Self { digest: sha256_hex(&checkpoint.canonical()), ..checkpoint }
    }

    /// The canonical JSON of what it says: what its digest and its signature are taken over.
    pub fn canonical(&self) -> String {
        canonical_without(self, &["id", "digest", "signature"])
    }
}

names! {
    /// What of the audit trail is not as it was.
    AuditFaultKind {
        /// An event does not have the digest that it says.
        EventAltered = "event_altered",
        /// There is no event at a place.
        EventMissing = "event_missing",
        /// The events are not those that the checkpoint was made of: one was replaced with its digest, or their order changed.
        EventsDiffer = "events_differ",
        /// The checkpoint does not have the digest that it says.
        CheckpointAltered = "checkpoint_altered",
        /// The checkpoint before is missing, is another one, or ends elsewhere.
        PreviousDiffers = "previous_differs",
        /// The signature is not one of the published keys over this checkpoint.
        SignatureInvalid = "signature_invalid",
    }
}

/// One thing that is not as it was.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditFault {
    /// What is wrong.
    pub kind: AuditFaultKind,
    /// The place of the event that it is about.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 167)]
    pub place: Option<i64>,
    /// The event that it is about.
    pub event: Option<Uuid>,
}

/// The most faults that are told one by one.
const MOST_FAULTS: usize = 1000;

/// Holds the events of a checkpoint against it, one after the other.
#[derive(Debug)]
pub struct Verification<'a> {
    checkpoint: &'a AuditCheckpoint,
    next: i64,
    covered: EventsDigest,
    faults: Vec<AuditFault>,
}

impl<'a> Verification<'a> {
    /// Begins with the checkpoint itself and the one before it.
    pub fn of(checkpoint: &'a AuditCheckpoint, before: Option<&AuditCheckpoint>) -> Self {
        let mut begun = Self {
            checkpoint,
            next: checkpoint.from_place,
            covered: EventsDigest::after(checkpoint.from_place - 1),
            faults: Vec::new(),
        };
        if sha256_hex(&checkpoint.canonical()) != checkpoint.digest {
            begun.tell(AuditFaultKind::CheckpointAltered, None, None);
        }
        let follows = match before {
            None => checkpoint.number == 1 && checkpoint.from_place == 1 && checkpoint.previous.is_none(),
            Some(before) => {
                let digest = sha256_hex(&before.canonical());
                checkpoint.previous.as_ref() == Some(&digest) && checkpoint.from_place == before.to_place + 1
            }
        };
        if !follows {
            begun.tell(AuditFaultKind::PreviousDiffers, None, None);
        }
        begun
    }

    fn tell(&mut self, kind: AuditFaultKind, place: Option<i64>, event: Option<Uuid>) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(AuditFault { kind, place, event });
        }
    }

    /// Takes the next event that is there, in the order of places.
    pub fn take(&mut self, event: &AuditEvent) {
        let place = event.place.unwrap_or_default();
        self.miss_until(place);
        self.next = place + 1;
        if event.computed_digest() != event.digest {
            self.tell(AuditFaultKind::EventAltered, Some(place), Some(event.id));
        }
        self.covered.add(place, &event.digest);
    }

    fn miss_until(&mut self, place: i64) {
        while self.next < place && self.faults.len() < MOST_FAULTS {
            self.tell(AuditFaultKind::EventMissing, Some(self.next), None);
            self.next += 1;
        }
    }

    /// Ends with what is wrong; nothing if all is as it was.
    pub fn end(mut self, signature_holds: bool) -> Vec<AuditFault> {
        self.miss_until(self.checkpoint.to_place + 1);
        let (count, digest) = (self.covered.count(), self.covered.clone().finish());
        if count != self.checkpoint.count || digest != self.checkpoint.events_digest {
            self.tell(AuditFaultKind::EventsDiffer, None, None);
        }
        if !signature_holds {
            self.tell(AuditFaultKind::SignatureInvalid, None, None);
        }
        self.faults
    }
}

/// What a client says of a checkpoint that it asks for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAuditCheckpoint {
    /// Why: it is part of what is sealed.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Thanh tra năm 2025 (dữ liệu mẫu)")]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(place: i64) -> AuditEvent {
        let text = str::to_owned;
        AuditEvent {
            id: Uuid::from_u128(u128::try_from(place).unwrap()),
            place: Some(place),
            recorded_at: "2025-02-20T05:00:00.120Z".parse().unwrap(),
            kind: AuditKind::Write,
            issuer: text("https://issuer.test"),
            subject: text("Nguyễn"),
            role: text("locality"),
            agency: None,
            unit: Some(text("888")),
            cooperative: None,
            operation: text("createCooperative"),
            method: text("POST"),
            path: text("/v1/cooperatives"),
            query: None,
            resource: text("cooperatives"),
            record: None,
            version: Some(1),
            status: 201,
            media_type: None,
            request_digest: None,
            answer_digest: None,
            trace_id: "0".repeat(32),
            client_address: None,
            x_road_id: None,
            x_road_user_id: None,
            digest: String::new(),
        }
        .sealed()
    }

    fn over(events: &[AuditEvent]) -> EventsDigest {
        let mut covered =
            EventsDigest::after(events.first().and_then(|event| event.place).map_or(0, |place| place - 1));
        events.iter().for_each(|event| covered.add(event.place.unwrap(), &event.digest));
        covered
    }

    fn checkpoint(before: Option<&AuditCheckpoint>, events: &[AuditEvent]) -> AuditCheckpoint {
        let now = "2025-02-20T06:00:00Z".parse().unwrap();
        AuditCheckpoint::after(before, over(events), Uuid::from_u128(1), None, now)
    }

    fn found(
        checkpoint: &AuditCheckpoint,
        before: Option<&AuditCheckpoint>,
        events: &[AuditEvent],
    ) -> Vec<(&'static str, Option<i64>)> {
        let mut verification = Verification::of(checkpoint, before);
        events.iter().for_each(|event| verification.take(event));
        verification.end(true).into_iter().map(|fault| (fault.kind.name(), fault.place)).collect()
    }

    #[test]
    fn the_digest_of_an_event_is_over_what_it_says_and_not_over_its_place() {
        let said = event(7);
        let text = r#"{"id":"00000000-0000-0000-0000-000000000007","issuer":"https://issuer.test","kind":"write","method":"POST","operation":"createCooperative","path":"/v1/cooperatives","recordedAt":"2025-02-20T05:00:00.120Z","resource":"cooperatives","role":"locality","status":201,"subject":"Nguyễn","traceId":"00000000000000000000000000000000","unit":"888","version":1}"#;
        assert_eq!(said.digest, sha256_hex(text));
        assert_eq!(AuditEvent { place: None, ..said.clone() }.computed_digest(), said.digest);
        assert_ne!(AuditEvent { status: 200, ..said.clone() }.computed_digest(), said.digest);
    }

    #[test]
    fn the_digest_over_events_is_that_of_their_digests_line_by_line() {
        let events = [event(1), event(2)];
        let lines = format!("{}\n{}\n", events[0].digest, events[1].digest);
        assert_eq!(over(&events).finish(), sha256_hex(&lines));
        assert_eq!(over(&[]).finish(), sha256_hex(""));
    }

    #[test]
    fn checkpoints_follow_one_another_and_hold() {
        let (first_events, second_events) = ([event(1), event(2)], [event(3)]);
        let first = checkpoint(None, &first_events);
        let second = checkpoint(Some(&first), &second_events);
        assert_eq!((first.number, first.from_place, first.to_place, first.count), (1, 1, 2, 2));
        assert_eq!((second.number, second.from_place, second.to_place), (2, 3, 3));
        assert_eq!(second.previous.as_ref(), Some(&first.digest));
        assert_eq!(found(&first, None, &first_events), []);
        assert_eq!(found(&second, Some(&first), &second_events), []);
        let now = "2025-02-20T06:00:00Z".parse().unwrap();
        let empty = AuditCheckpoint::after(Some(&second), EventsDigest::after(3), Uuid::nil(), None, now);
        assert_eq!((empty.from_place, empty.to_place, empty.count), (4, 3, 0));
        assert_eq!(found(&empty, Some(&second), &[]), []);
    }

    #[test]
    fn whatever_is_changed_is_found() {
        let events = [event(1), event(2), event(3)];
        let sound = checkpoint(None, &events);
        let altered = AuditEvent { subject: "another".to_owned(), ..events[1].clone() };
        let one = |event: AuditEvent| [events[0].clone(), event, events[2].clone()];
        assert_eq!(found(&sound, None, &one(altered.clone())), [("event_altered", Some(2))]);
        assert_eq!(found(&sound, None, &one(altered.sealed())), [("events_differ", None)], "with its digest");
        let gone = [events[0].clone(), events[2].clone()];
        assert_eq!(found(&sound, None, &gone), [("event_missing", Some(2)), ("events_differ", None)]);
        assert_eq!(found(&sound, None, &events[..2]), [("event_missing", Some(3)), ("events_differ", None)]);
        let swapped = [
            AuditEvent { place: Some(1), ..events[1].clone() },
            AuditEvent { place: Some(2), ..events[0].clone() },
            events[2].clone(),
        ];
        assert_eq!(found(&sound, None, &swapped), [("events_differ", None)]);
        let forged = AuditCheckpoint { events_digest: over(&gone).finish(), ..sound.clone() };
        assert_eq!(found(&forged, None, &events), [("checkpoint_altered", None), ("events_differ", None)]);
        let late = checkpoint(None, &gone);
        assert_eq!((late.count, late.to_place), (2, 3), "what is gone already is not covered, and its place tells");
        assert_eq!(found(&late, None, &gone), [("event_missing", Some(2))]);
        let next = checkpoint(Some(&sound), &[event(4)]);
        assert_eq!(found(&next, Some(&forged), &[event(4)]), [("previous_differs", None)]);
        assert_eq!(found(&next, None, &[event(4)]), [("previous_differs", None)], "the one before is gone");
        let unsigned = Verification::of(&sound, None).end(false);
        assert!(unsigned.iter().any(|fault| fault.kind == AuditFaultKind::SignatureInvalid));
    }
}
