//! An issuer's key set on the loopback, which counts how often it is asked and can fail.

use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, web};

/// What the server answers.
#[derive(Clone, Default)]
pub struct KeyServer {
    /// Address of the set.
    pub url: String,
    asked: Arc<AtomicU32>,
    status: Arc<AtomicU16>,
    set: Arc<Mutex<String>>,
}

impl KeyServer {
    /// Publishes a set.
    pub fn of(set: &str) -> Self {
        let mut server = Self::default();
        server.publish(set);
        let served = server.clone();
        let answer = move || {
            let served = served.clone();
            async move {
                served.asked.fetch_add(1, Ordering::Relaxed);
                let status = StatusCode::from_u16(served.status.load(Ordering::Relaxed)).unwrap();
                let mut response = HttpResponse::build(status);
                if status.is_redirection() {
                    response.insert_header(("location", "http://127.0.0.1:1/elsewhere"));
                }
                response.content_type("application/json").body(served.set.lock().unwrap().clone())
            }
        };
        let app = move || App::new().route("/certs", web::get().to(answer.clone()));
        let http = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        server.url = format!("http://{}/certs", http.addrs()[0]);
        actix_web::rt::spawn(http.run());
        server
    }

    /// Publishes another set.
    pub fn publish(&self, set: &str) {
        set.clone_into(&mut self.set.lock().unwrap());
        self.answer(200);
    }

    /// Answers with a status from now on.
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// How often it was asked.
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}
