//! One small file over HTTP: the key set of an issuer. TLS and its roots are there only while it is fetched.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::KeyError;

/// How long a fetch may take in all.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of the largest key set that is read.
const LARGEST: usize = 256 * 1024;

/// Why a key set could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The connection failed.
    #[error("no connection: {0}")]
    Connection(#[from] io::Error),
    /// The certificates cannot be used.
    #[error("the certificates cannot be used: {0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// The roots that the operator named cannot be read.
    #[error("the certificates of SARUS_JWT_CA cannot be read: {0}")]
    Roots(#[from] tokio_rustls::rustls::pki_types::pem::Error),
    /// There are none in the file.
    #[error("no certificate in the file of SARUS_JWT_CA")]
    NoCertificate,
    /// HTTP failed.
    #[error("no answer: {0}")]
    Http(#[from] hyper::Error),
    /// Another status than 200: redirects are not followed.
    #[error("status {0}")]
    Status(StatusCode),
    /// The body is too large or broke off.
    #[error("no body of at most {LARGEST} bytes")]
    Body,
    /// Not in time.
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    Timeout,
    /// No usable key in the answer.
    #[error("no usable key in the answer")]
    NoKey,
}

/// Where a key set is fetched from.
#[derive(Debug, Clone)]
pub(super) struct Address {
    uri: Uri,
    host: String,
    port: u16,
    secure: bool,
}

impl Address {
    /// Reads an address: `https://…`, or `http://…` to the loopback.
    ///
    /// # Errors
    /// Any other: keys that come over an open network are anybody's.
    pub(super) fn of(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError::Address(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let secure = uri.scheme_str() == Some("https");
        let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if host.is_empty() || !(secure || (uri.scheme_str() == Some("http") && is_loopback)) {
            return Err(wrong());
        }
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Self { uri, host, port, secure })
    }

    /// Fetches the text there. `roots` names a file of certificates that are believed besides the public ones.
    pub(super) async fn fetch(&self, roots: Option<&Path>) -> Result<String, FetchError> {
        let fetched = tokio::time::timeout(TIMEOUT, self.fetch_slowly(roots)).await;
        fetched.unwrap_or(Err(FetchError::Timeout))
    }

    async fn fetch_slowly(&self, roots: Option<&Path>) -> Result<String, FetchError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        if !self.secure {
            return self.ask(stream).await;
        }
        let name = ServerName::try_from(self.host.clone()).map_err(io::Error::other)?;
        let stream = connector(roots)?.connect(name, stream).await?;
        self.ask(stream).await
    }

    async fn ask<S>(&self, stream: S) -> Result<String, FetchError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::get(path)
            .header(header::HOST, self.uri.authority().map_or("", |authority| authority.as_str()))
            .header(header::ACCEPT, "application/jwk-set+json, application/json")
            .header(header::CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .map_err(io::Error::other)?;
        // The connection lives as long as this future: it is dropped with it.
        let answered = async {
            let response = sender.send_request(request).await?;
            if response.status() != StatusCode::OK {
                return Err(FetchError::Status(response.status()));
            }
            let body = Limited::new(response.into_body(), LARGEST).collect().await.map_err(|_| FetchError::Body)?;
            String::from_utf8(body.to_bytes().to_vec()).map_err(|_| FetchError::Body)
        };
        let driven = async {
            // An answer that is complete ends the exchange, however the connection ends.
            let _ = connection.await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            answer = answered => answer,
            () = driven => Err(FetchError::Timeout),
        }
    }
}

/// What believes the public certificates, and those in a file.
pub(super) fn connector(roots: Option<&Path>) -> Result<TlsConnector, FetchError> {
    let mut believed = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let public = believed.len();
    for certificate in roots.map(CertificateDer::pem_file_iter).transpose()?.into_iter().flatten() {
        believed.add(certificate?)?;
    }
    if roots.is_some() && believed.len() == public {
        return Err(FetchError::NoCertificate);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(believed)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_the_machine_itself() {
        for good in ["https://login.example/certs", "http://127.0.0.1:9/keys", "http://localhost/", "http://[::1]:80/k"]
        {
            assert!(Address::of(good).is_ok(), "{good}");
        }
        for bad in [
            "http://login.example/certs",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "/etc/keys",
            "https://",
            "",
        ] {
            assert!(Address::of(bad).is_err(), "{bad}");
        }
    }

    /// A certificate of an authority that nobody but this test knows, and its key.
    const CERTIFICATE: &[u8] = include_bytes!("../../tests/fixtures/tls-localhost.pem");
    const KEY: &[u8] = include_bytes!("../../tests/fixtures/tls-localhost-key.pem");
    const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls-authority.pem");

    /// Serves a text over TLS until the test ends; gives the port.
    async fn serve(text: &'static str) -> u16 {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
        let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::from_pem_slice(KEY).unwrap();
        let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.read(&mut [0; 4096]).await;
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len());
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        port
    }

    #[test]
    fn tls_holds_to_its_authorities_and_names() {
        actix_web::rt::System::new().block_on(async {
            let port = serve("{\"keys\": []}").await;
            let named = Address::of(&format!("https://localhost:{port}/certs")).unwrap();
            let fetched = named.fetch(Some(Path::new(AUTHORITY))).await.unwrap();
            assert_eq!(fetched, "{\"keys\": []}");
            assert!(named.fetch(None).await.is_err(), "an authority that nobody named");
            let other = Address::of(&format!("https://127.0.0.1:{port}/certs")).unwrap();
            assert!(other.fetch(Some(Path::new(AUTHORITY))).await.is_err(), "a certificate of another name");
            let plain = Address::of(&format!("http://127.0.0.1:{port}/certs")).unwrap();
            assert!(plain.fetch(None).await.is_err(), "no HTTP where TLS is spoken");
            assert!(named.fetch(Some(Path::new("/no/such/file"))).await.is_err());
            assert!(matches!(connector(Some(Path::new("Cargo.toml"))), Err(FetchError::NoCertificate)));
        });
    }

    #[test]
    fn an_answer_is_small_and_whole() {
        actix_web::rt::System::new().block_on(async {
            let port = serve(Box::leak("x".repeat(LARGEST + 1).into_boxed_str())).await;
            let huge = Address::of(&format!("https://localhost:{port}/certs")).unwrap();
            assert!(matches!(huge.fetch(Some(Path::new(AUTHORITY))).await, Err(FetchError::Body)));
        });
    }
}
