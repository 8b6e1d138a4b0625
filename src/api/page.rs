//! Lists: pages by key with an opaque cursor, or everything as a stream of lines or rows with flat memory, or as a spreadsheet.

use std::rc::Rc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::call::Call;
use super::error::{Answer, ApiError, Kind};
use super::table::{self, CSV, CSV_ANSWERED, MOST_ROWS, XLSX};
use super::text;
use crate::domain::digest;
use crate::domain::history::StepTaken;
use crate::store::listing::{Key, Listing};
use crate::store::steps;

/// The media type of a stream of lines.
pub const NDJSON: &str = "application/x-ndjson";
/// Items a page when the client does not say.
const DEFAULT_LIMIT: u64 = 50;
/// Items that are read first for a stream, before it is known how long they are.
const FIRST_CHUNK: u64 = 20;
/// The most items that are read at once for a stream.
const MOST_AT_ONCE: u64 = 500;
/// How long a chunk of a stream should be, in bytes: memory does not grow with the length of the items.
const CHUNK_BYTES: u64 = 128 * 1024;

/// How many items to read next, when so many were as long as this.
fn next_chunk(items: u64, bytes: usize) -> u64 {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).max(1);
    (items.saturating_mul(CHUNK_BYTES) / bytes).clamp(1, MOST_AT_ONCE)
}

/// Where to start a page and how long it may be.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The most items that a page may hold.
    #[param(minimum = 1, maximum = 200, default = 50, nullable = false)]
    limit: Option<u64>,
    /// Where the page starts: `links.next` of the page before, unchanged, with the same filter.
    #[param(min_length = 1, max_length = 2000, pattern = "^[A-Za-z0-9_-]+$", nullable = false)]
    cursor: Option<String>,
    /// `exact` to count all items that pass the filter.
    #[param(inline, nullable = false)]
    count: Option<Count>,
    /// `true`: comma-separated values begin with a byte order mark, without which some spreadsheets spoil Vietnamese letters.
    #[param(nullable = false)]
    bom: Option<bool>,
}

impl PageQuery {
    /// What comma-separated values of the list begin with.
    pub fn csv_start(&self) -> &'static str {
        table::start(self.bom)
    }
}

/// Whether to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Count {
    /// Count all items.
    Exact,
}

/// Where to go from a page.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
pub struct PageLinks {
    /// Path and query of the next page; absent on the last one.
    #[schema(
        format = "uri-reference",
        min_length = 1,
        max_length = 4000,
        pattern = "^/",
        example = "/v1/cooperatives?cursor=eyJpIjoi"
    )]
    next: Option<String>,
}

/// One page of a list.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in order.
    #[schema(max_items = 200)]
    items: Vec<T>,
    /// Where to go from here.
    links: PageLinks,
    /// How many items pass the filter in all, when asked for.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    count: Option<u64>,
}

/// What a cursor says: the key after which the next page starts, and the filter it belongs to.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "i")]
    id: Uuid,
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    sort: Option<String>,
    #[serde(rename = "f")]
    filter: String,
}

impl Call {
    /// Answers a list: one page, or all of it as lines when the client accepts [`NDJSON`].
    ///
    /// # Errors
    /// The cursor is not of this list, or the database failed.
    pub async fn list<L, V>(
        &self,
        page: &PageQuery,
        filter: &impl Serialize,
        list: L,
        view: impl Fn(L::Item) -> V + 'static,
    ) -> Answer
    where
        L: Listing,
        V: Serialize + 'static,
    {
        let filter_digest = digest::sha256_hex(&serde_json::to_string(&(self.path(), filter))?);
        let filter_digest = filter_digest.get(..16).unwrap_or_default();
        let after = page.cursor.as_deref().map(|cursor| read_cursor(cursor, filter_digest)).transpose()?;
        match self.produce() {
            NDJSON => return Ok(self.lines(list, after, view)),
            CSV => return self.rows(page, list, after, view),
            XLSX => return self.sheet(list, view).await,
            _ => {}
        }
        let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
        let mut items = list.page(self.db(), after, limit + 1).await?;
        let has_more = u64::try_from(items.len()).unwrap_or(u64::MAX) > limit;
        if has_more {
            items.pop();
        }
        let last = items.last().filter(|_| has_more).map(|item| list.key(item));
        let count = match page.count {
            Some(Count::Exact) => Some(list.count(self.db()).await?),
            None => None,
        };
        let next = last.map(|key| self.next_link(key, filter, page, filter_digest)).transpose()?;
        let items = items.into_iter().map(view).collect();
        let mut response = self.computed(&Page { items, links: PageLinks { next: next.clone() }, count })?;
        let is_told = response.status() == StatusCode::OK;
        if let Some(next) = next.filter(|_| is_told).and_then(|next| format!("<{next}>; rel=\"next\"").parse().ok()) {
            response.headers_mut().insert(actix_web::http::header::LINK, next);
        }
        Ok(response)
    }

    fn next_link(&self, key: Key, filter: &impl Serialize, page: &PageQuery, digest: &str) -> Result<String, ApiError> {
        let cursor = Cursor { id: key.id, sort: key.sort, filter: digest.to_owned() };
        let cursor = URL_SAFE_NO_PAD.encode(serde_json::to_string(&cursor)?);
        let mut query: Vec<(String, String)> = Vec::new();
        for (name, value) in serde_json::to_value(filter)?.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if !value.is_null() {
                query.push((name.clone(), text));
            }
        }
        query.extend(page.limit.map(|limit| ("limit".to_owned(), limit.to_string())));
        query.push(("cursor".to_owned(), cursor));
        let query = serde_urlencoded::to_string(query).map_err(|_| ApiError::of(Kind::Internal))?;
        Ok(format!("{}?{query}", self.path()))
    }

    fn lines<L, V>(&self, list: L, after: Option<Key>, view: impl Fn(L::Item) -> V + 'static) -> HttpResponse
    where
        L: Listing,
        V: Serialize + 'static,
    {
        let line = move |item| Ok(serde_json::to_string(&view(item))? + "\n");
        self.streamed(list, after, NDJSON, String::new(), line)
    }

    /// All of a list as comma-separated values, a row an item.
    fn rows<L, V>(&self, page: &PageQuery, list: L, after: Option<Key>, view: impl Fn(L::Item) -> V + 'static) -> Answer
    where
        L: Listing,
        V: Serialize + 'static,
    {
        let columns: &'static [String] = &self.operation().columns;
        let head = page.csv_start().to_owned() + &table::record(columns)?;
        let line = move |item| table::record(&cells(columns, &view(item))?);
        Ok(self.streamed(list, after, CSV_ANSWERED, head, line))
    }

    /// All of a list as a spreadsheet, a row an item. It is made in memory, so it has its limit.
    async fn sheet<L: Listing, V: Serialize>(&self, list: L, view: impl Fn(L::Item) -> V) -> Answer {
        let columns = &self.operation().columns;
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = list.page(self.db(), after, MOST_AT_ONCE).await?;
            let is_last = u64::try_from(page.len()).unwrap_or_default() < MOST_AT_ONCE;
            after = page.last().map(|item| list.key(item));
            for item in page {
                rows.push(cells(columns, &view(item))?);
            }
            if rows.len() > MOST_ROWS {
                return Err(table::too_long());
            }
            if is_last {
                let names: Vec<&str> = columns.iter().map(String::as_str).collect();
                return Ok(HttpResponse::Ok().content_type(XLSX).body(table::sheet(&names, &rows)?));
            }
        }
    }

    /// Streams all of a list in a media type, each item written by itself after a head: with flat memory.
    pub fn stream<L: Listing>(
        &self,
        list: L,
        media_type: &'static str,
        head: String,
        write: fn(L::Item) -> Result<String, ApiError>,
    ) -> HttpResponse {
        self.streamed(list, None, media_type, head, write)
    }

    fn streamed<L, W>(
        &self,
        list: L,
        after: Option<Key>,
        media_type: &'static str,
        head: String,
        write: W,
    ) -> HttpResponse
    where
        L: Listing,
        W: Fn(L::Item) -> Result<String, ApiError> + 'static,
    {
        let db = self.db().clone();
        let write = Rc::new(write);
        let start = (list, Some((after, FIRST_CHUNK)), head);
        let chunks = stream::try_unfold(start, move |(list, next, mut chunk)| {
            let (db, write) = (db.clone(), Rc::clone(&write));
            async move {
                let Some((after, limit)) = next else { return Ok(None) };
                let items = list.page(&db, after, limit).await?;
                let full = u64::try_from(items.len()).unwrap_or_default() == limit;
                let last = items.last().filter(|_| full).map(|item| list.key(item));
                for item in items {
                    chunk.push_str(&write(item)?);
                }
                let next = last.map(|key| (Some(key), next_chunk(limit, chunk.len())));
                Ok::<_, ApiError>(Some((Bytes::from(chunk), (list, next, String::new()))))
            }
        });
        HttpResponse::Ok().content_type(media_type).streaming(chunks)
    }

    /// Answers the history of one step of a record that was found in the caller's reach.
    ///
    /// # Errors
    /// The database failed.
    pub async fn history(&self, record: Uuid, step: &str) -> Answer {
        let items = steps::of(self.db(), record, step).await?;
        self.computed(&History { items })
    }
}

/// The members of a view as the cells of a row: words as they are, what has parts as JSON, what is not given as nothing.
fn cells(columns: &[String], view: &impl Serialize) -> Result<Vec<String>, ApiError> {
    let view = serde_json::to_value(view)?;
    let cell = |name: &String| match view.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    Ok(columns.iter().map(cell).collect())
}

fn read_cursor(text: &str, filter: &str) -> Result<Key, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let cursor = bytes.and_then(|bytes| serde_json::from_slice::<Cursor>(&bytes).ok());
    cursor
        .filter(|cursor| cursor.filter == filter && cursor.sort.as_deref().is_none_or(text::is_fit))
        .map(|cursor| Key { sort: cursor.sort, id: cursor.id })
        .ok_or(ApiError::of(Kind::InvalidCursor))
}

/// How often and by whom a step was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    /// The steps, oldest first.
    #[schema(max_items = 10_000)]
    items: Vec<StepTaken>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_reads_few_long_items_at_once_and_many_short_ones() {
        let table = [
            ((20, 20 * 400), 327),   // cooperatives
            ((20, 20 * 100), 500),   // never more than that
            ((20, 20 * 13_000), 10), // reports
            ((10, 10 * 65_536), 2),
            ((1, 10_000_000), 1), // never less than one
            ((20, 0), 500),
        ];
        for ((items, bytes), expected) in table {
            assert_eq!(next_chunk(items, bytes), expected, "{items} items of {bytes} bytes");
        }
    }
}
