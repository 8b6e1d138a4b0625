//! How long a request takes through the whole application over loopback HTTP, on an embedded database: read one
//! record, read a page of fifty, and a transactional write (checked, stored and committed).

use std::error::Error;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reqwest::{Client, RequestBuilder};
use sarus::api::edge::EdgeConfig;
use sarus::app::{self, Sarus};
use sarus::clock::Clock;
use sarus::domain::role::Role;
use sarus::keys::{self, Signer, Verifier};
use sarus::seal::Seal;
use sarus::store::{Store, connect, directory};
use sarus::telemetry;
use sarus::token::{self, TokenRequest};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const ISSUER: &str = "https://issuer.bench";
const AUDIENCE: &str = "sarus";
/// Cooperatives that are there before anything is measured.
const COOPERATIVES: u32 = 1_000;
const PAGE: u64 = 50;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A running application, and an official of a district who calls it.
struct Service {
    base: String,
    token: String,
    client: Client,
}

impl Service {
    /// Starts the application on a free port, in a thread of its own, with workers as in production.
    fn start(url: &str, runtime: &Runtime) -> Outcome<Self> {
        let (private, public) = keys::new_pair()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base = format!("http://{}", listener.local_addr()?);
        let (store, token) = runtime.block_on(prepare(url, &private))?;
        let verifier = Verifier::from_text(&public, ISSUER, AUDIENCE).ok_or("the key is not one of ours")?;
        let sarus = Sarus::assemble(
            store,
            Clock::system(),
            (verifier, None, Seal::none()),
            &base,
            EdgeConfig::default(),
            telemetry::start_metrics()?,
        )?;
        thread::spawn(move || serve(sarus, listener));
        Ok(Self { base, token, client: Client::new() })
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token);
        request.header("content-type", "application/json").body(body.to_string())
    }
}

async fn prepare(url: &str, private: &str) -> Outcome<(Store, String)> {
    connect::migrate(url).await?;
    let store = Store::connect(url).await?;
    let request = TokenRequest {
        role: Role::Locality,
        unit: Some("888".to_owned()),
        agency: None,
        cooperative: None,
        subject: None,
        ttl: Duration::from_secs(3_600),
    };
    let directory = directory::load(store.reader()).await?;
    let claims =
        token::claims(&request, &directory, ISSUER, AUDIENCE, &Clock::system(), Clock::system().now().today())?;
    Ok((store, Signer::from_pem(private)?.sign(&claims)?))
}

fn serve(sarus: Arc<Sarus>, listener: TcpListener) {
    let served = actix_web::rt::System::new().block_on(async {
        let (server, _) = app::serve(sarus, listener, 2)?;
        server.await
    });
    if let Err(error) = served {
        eprintln!("the service stopped: {error}");
    }
}

/// Sends a request and reads its answer to the end.
async fn answered(request: RequestBuilder) -> Outcome<Value> {
    let text = request.send().await?.error_for_status()?.text().await?;
    Ok(serde_json::from_str(&text)?)
}

fn cooperative(number: u32) -> Value {
    json!({
        "taxCode": format!("16{number:08}"),
        "name": format!("HTX Nông nghiệp mẫu {number}"),
        "kind": "cooperative",
        "field": "agriculture",
        "governingLaw": "law_2012",
        "unit": "888",
        "foundedOn": "2012-05-20",
        "status": "active",
    })
}

fn measure(criterion: &mut Criterion) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let service = Service::start(&format!("sqlite://{}", folder.path().join("bench.db").display()), &runtime)?;
    let mut one = String::new();
    for number in 0..COOPERATIVES {
        let made = runtime.block_on(answered(service.post("/v1/cooperatives", &cooperative(number))))?;
        one = format!("/v1/cooperatives/{}", made["id"].as_str().unwrap_or_default());
    }
    let page = format!("/v1/cooperatives?limit={PAGE}");
    let mut group = criterion.benchmark_group("requests");
    // Every request must succeed: a fast refusal is no measurement.
    let send = async |request: RequestBuilder| {
        if let Err(error) = answered(request).await {
            eprintln!("a measured request failed: {error}");
            std::process::exit(1);
        }
    };
    group.throughput(Throughput::Elements(1));
    group.bench_function("read_one", |bench| bench.to_async(&runtime).iter(|| send(service.get(&one))));
    group.throughput(Throughput::Elements(PAGE));
    group.bench_function("read_page_of_50", |bench| bench.to_async(&runtime).iter(|| send(service.get(&page))));
    let mut number = COOPERATIVES;
    group.throughput(Throughput::Elements(1));
    group.bench_function("write", |bench| {
        bench.iter(|| {
            number += 1;
            runtime.block_on(send(service.post("/v1/cooperatives", &cooperative(number))));
        });
    });
    group.finish();
    Ok(())
}

fn requests(criterion: &mut Criterion) {
    if let Err(error) = measure(criterion) {
        eprintln!("the service cannot be measured: {error}");
        std::process::exit(1);
    }
}

criterion_group!(benches, requests);
criterion_main!(benches);
