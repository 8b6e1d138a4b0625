//! What Sarus is compared with: the same three requests by hand, with nothing between actix-web and tokio-postgres. No
//! tokens, no scope, no limits, no problem documents, no document; prepared statements and the same members.
//!
//! `benches/compare` runs it beside Sarus on one database.

use std::env;
use std::error::Error;

use actix_web::http::header;
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::{DateTime, NaiveDate, Utc};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tokio_postgres::{NoTls, Row};
use uuid::Uuid;

/// As many connections as Sarus has.
const POOL: usize = 16;
const COLUMNS: &str = "id, province_code, tax_code, registration_number, name, kind, field, industry_code, governing_law, \
                       unit_code, founded_on, legal_representative, status, address, phone, email, recorded_at, updated_at";

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cooperative {
    id: Uuid,
    province: String,
    tax_code: String,
    registration_number: Option<String>,
    name: String,
    kind: String,
    field: String,
    industry_code: Option<String>,
    governing_law: String,
    unit: String,
    founded_on: NaiveDate,
    legal_representative: Option<String>,
    status: String,
    address: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    recorded_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Cooperative {
    fn from(row: Row) -> Self {
        Self {
            id: row.get(0),
            province: row.get(1),
            tax_code: row.get(2),
            registration_number: row.get(3),
            name: row.get(4),
            kind: row.get(5),
            field: row.get(6),
            industry_code: row.get(7),
            governing_law: row.get(8),
            unit: row.get(9),
            founded_on: row.get(10),
            legal_representative: row.get(11),
            status: row.get(12),
            address: row.get(13),
            phone: row.get(14),
            email: row.get(15),
            recorded_at: row.get(16),
            updated_at: row.get(17),
        }
    }
}

#[derive(Serialize)]
struct Page {
    items: Vec<Cooperative>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewCooperative {
    tax_code: String,
    name: String,
    kind: String,
    field: String,
    governing_law: String,
    unit: String,
    founded_on: NaiveDate,
    status: String,
}

#[derive(Deserialize)]
struct PageQuery {
    limit: i64,
}

type Answer = Result<HttpResponse, Box<dyn Error>>;

fn tag(body: &impl Serialize) -> Answer {
    Ok(HttpResponse::Ok().insert_header((header::ETAG, "\"1\"")).json(body))
}

async fn read(pool: web::Data<Pool>, id: web::Path<Uuid>) -> Answer {
    let client = pool.get().await?;
    let statement = client.prepare_cached(&format!("SELECT {COLUMNS} FROM cooperatives WHERE id = $1")).await?;
    tag(&Cooperative::from(client.query_one(&statement, &[&*id]).await?))
}

async fn list(pool: web::Data<Pool>, query: web::Query<PageQuery>) -> Answer {
    let client = pool.get().await?;
    let sql = format!("SELECT {COLUMNS} FROM cooperatives ORDER BY id LIMIT $1");
    let statement = client.prepare_cached(&sql).await?;
    let rows = client.query(&statement, &[&query.limit]).await?;
    tag(&Page { items: rows.into_iter().map(Cooperative::from).collect() })
}

async fn create(pool: web::Data<Pool>, body: web::Json<NewCooperative>) -> Answer {
    let NewCooperative { tax_code, name, kind, field, governing_law, unit, founded_on, status } = body.into_inner();
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    let sql = format!(
        "INSERT INTO cooperatives (id, version, province_code, unit_code, tax_code, name, name_key, name_folded, kind, \
         field, governing_law, founded_on, status, created_by, recorded_at, updated_at) \
         VALUES ($1, 1, '89', $2, $3, $4, $4, $4, $5, $6, $7, $8, $9, 'bare', $10, $10) RETURNING {COLUMNS}"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let id = Uuid::now_v7();
    let now = Utc::now();
    let row = tx
        .query_one(
            &statement,
            &[&id, &unit, &tax_code, &name, &kind, &field, &governing_law, &founded_on, &status, &now],
        )
        .await?;
    tx.commit().await?;
    let location = (header::LOCATION, format!("/v1/cooperatives/{id}"));
    Ok(HttpResponse::Created().insert_header(location).json(Cooperative::from(row)))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = env::var("SARUS_DATABASE_URL")?.parse()?;
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let pool = Pool::builder(Manager::from_config(config, NoTls, recycling)).max_size(POOL).build()?;
    let pool = web::Data::new(pool);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(pool.clone())
            .route("/v1/cooperatives", web::get().to(list))
            .route("/v1/cooperatives", web::post().to(create))
            .route("/v1/cooperatives/{id}", web::get().to(read))
    });
    Ok(server.bind(env::var("SARUS_LISTEN")?)?.run().await?)
}
