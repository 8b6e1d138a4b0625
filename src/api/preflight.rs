//! The question that a browser asks before it sends the request of a web page (CORS): counted, refused and adorned like every
//! other request. Which page may call is decided by the layer inside ([`cors`](super::edge::cors)).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::connection::Answering;
use super::error::{ApiError, Kind};
use super::gate::{address_of, asked, finish_headers};
use crate::app::Sarus;

/// The middleware.
///
/// # Errors
/// Those of what is inside.
pub async fn preflight(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // The outermost layer: time for the client to make a request is over.
    let _answering = Answering::of(&request);
    let sarus = request.app_data::<web::Data<Sarus>>().cloned().filter(|_| is_preflight(&request));
    let Some(sarus) = sarus.filter(|sarus| !sarus.edge.origins().is_empty()) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let asked = asked(&request, &sarus);
    let client = sarus.edge.client_address(request.peer_addr().map(|peer| peer.ip()), request.headers());
    let allowance = sarus.edge.count(&address_of(client));
    let is_anywhere =
        sarus.published.operations.of_path(request.path()).is_some() || !request.path().starts_with("/v1/");
    let mut response = if allowance.is_some_and(|allowance| allowance.wait.is_some()) {
        request.into_response(ApiError::of(Kind::TooManyRequests).answer(&asked))
    } else if is_anywhere {
        let response = next.call(request).await?.map_into_boxed_body();
        let is_refused = response.status().is_client_error();
        if is_refused { response.into_response(ApiError::of(Kind::OriginNotAllowed).answer(&asked)) } else { response }
    } else {
        request.into_response(ApiError::of(Kind::NotFound).answer(&asked))
    };
    let own = response.headers_mut().remove(header::VARY).filter_map(|value| value.to_str().map(str::to_owned).ok());
    let vary: Vec<String> = ["Accept, Accept-Language, Authorization".to_owned()].into_iter().chain(own).collect();
    if let Ok(vary) = header::HeaderValue::from_str(&vary.join(", ")) {
        response.headers_mut().insert(header::VARY, vary);
    }
    finish_headers(response.headers_mut(), &asked, allowance);
    Ok(response)
}

fn is_preflight(request: &ServiceRequest) -> bool {
    let has = |name: header::HeaderName| request.headers().contains_key(name);
    request.method() == Method::OPTIONS && has(header::ORIGIN) && has(header::ACCESS_CONTROL_REQUEST_METHOD)
}
