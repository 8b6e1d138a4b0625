//! The kinds of problem that come from the protocol and not from the scheme: one table.

use actix_web::http::StatusCode;

use crate::domain::text::Text;

/// One row a kind of problem that is not a rule of the scheme: variant, code, status, title in Vietnamese and English; and what it
/// means to the client, told where the case at hand has nothing to add.
macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $vi:literal, $en:literal, $means_vi:literal, $means_en:literal;)+) => {
        /// A kind of problem that comes from the protocol and not from the scheme.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $variant,)+ }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Status of the answer.
            pub fn status(self) -> StatusCode {
                let status: u16 = match self { $(Self::$variant => $status,)+ };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// Title.
            pub fn title(self) -> Text {
                match self { $(Self::$variant => Text::new($vi, $en),)+ }
            }

            /// What it means to the client.
            pub fn meaning(self) -> Text {
                match self { $(Self::$variant => Text::new($means_vi, $means_en),)+ }
            }
        }
    };
}

problems! {
    /// The request is not HTTP.
    MalformedRequest = "malformed_request", 400, "Yêu cầu không phải HTTP hợp lệ", "The request is not well-formed HTTP",
        "Không đọc được dòng yêu cầu hoặc phần đầu; kết nối được đóng.",
        "The request line or the head cannot be read; the connection is closed.";
    /// The body is not JSON.
    MalformedJson = "malformed_json", 400, "Nội dung không phải JSON hợp lệ", "The body is not well-formed JSON",
        "Nội dung gửi lên không đọc được như JSON.",
        "What was sent cannot be read as JSON.";
    /// The body breaks the published schema.
    InvalidBody = "invalid_body", 400, "Nội dung không đúng cấu trúc đã công bố", "The body does not follow the published schema",
        "Từng chỗ sai được nêu trong errors.",
        "Each fault is named in errors.";
    /// A query parameter is unknown or wrong.
    InvalidQuery = "invalid_query", 400, "Tham số truy vấn không hợp lệ", "A query parameter is unknown or invalid",
        "Từng tham số sai được nêu trong errors; tài liệu OpenAPI nêu các tham số được nhận.",
        "Each wrong parameter is named in errors; the OpenAPI document names those that are taken.";
    /// The cursor is not of this list.
    InvalidCursor = "invalid_cursor", 400, "Con trỏ trang không thuộc danh sách này", "The cursor does not belong to this list",
        "Dùng nguyên văn links.next của trang trước, với cùng bộ lọc và thứ tự.",
        "Use links.next of the page before as it stands, with the same filter and order.";
    /// A header has a form that is not understood.
    InvalidHeader = "invalid_header", 400, "Tiêu đề yêu cầu không hợp lệ", "A request header is invalid",
        "Từng tiêu đề sai được nêu trong errors.",
        "Each wrong header is named in errors.";
    /// A web page of another origin than those that may call asks, or for what none may.
    OriginNotAllowed = "origin_not_allowed", 400, "Trang web không được phép gọi", "The web page may not call",
        "Nguồn, phương thức hoặc tiêu đề của trang web không nằm trong danh sách được phép.",
        "The origin, the method or a header of the web page is not among those that are allowed.";
    /// No valid token.
    Unauthenticated = "unauthenticated", 401, "Cần mã truy cập hợp lệ", "A valid access token is required",
        "Gửi mã truy cập trong tiêu đề Authorization: Bearer.",
        "Send an access token in the header Authorization: Bearer.";
    /// Not there, or not the caller's.
    NotFound = "not_found", 404, "Không tìm thấy", "Not found",
        "Không có gì ở địa chỉ này, hoặc không thuộc phạm vi của bạn.",
        "Nothing is at this address, or it lies outside your reach.";
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, "Phương thức không được hỗ trợ", "Method not allowed",
        "Địa chỉ này chỉ nhận các phương thức nêu trong tiêu đề Allow.",
        "This address takes the methods that the header Allow names.";
    /// None of the accepted media types can be produced.
    NotAcceptable = "not_acceptable", 406, "Không có kiểu dữ liệu được chấp nhận", "No acceptable media type",
        "Tiêu đề Accept không nêu kiểu nào mà địa chỉ này trả được.",
        "The header Accept names no type that this address can answer in.";
    /// The idempotency key was used with another body.
    KeyReused = "idempotency_key_reused", 409, "Khóa lặp lại đã dùng cho nội dung khác", "Idempotency key used with another body",
        "Mỗi khóa chỉ dùng cho một nội dung; hãy dùng khóa mới.",
        "A key is for one body: use a new one.";
    /// Another request under the same idempotency key is still being answered.
    InProgress = "request_in_progress", 409, "Yêu cầu cùng khóa lặp lại đang được xử lý", "A request under this idempotency key is still being answered",
        "Yêu cầu đầu tiên với khóa này chưa xong; hãy gửi lại sau thời gian nêu ở Retry-After.",
        "The first request under this key has not ended: repeat it after the time that Retry-After names.";
    /// The place in the feed is older than what is kept.
    CursorExpired = "cursor_expired", 410, "Con trỏ đã quá cũ", "The cursor is too old",
        "Sự kiện từ chỗ này không còn được giữ; hãy kết xuất lại các danh sách rồi theo dõi từ chỗ mới.",
        "The events from this place on are no longer kept: dump the lists again and go on from a new place.";
    /// The record changed since it was read.
    Stale = "stale", 412, "Bản ghi đã thay đổi", "The record has changed",
        "Bản ghi đã được người khác sửa sau phiên bản nêu ở If-Match; hãy đọc lại.",
        "Somebody has changed the record since the version that If-Match names: read it again.";
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout", 408, "Nội dung gửi quá chậm", "The body did not arrive in time",
        "Nội dung không đến đủ trong thời gian cho phép.",
        "The body did not arrive whole in the time that is given.";
    /// The body is too large.
    TooLarge = "payload_too_large", 413, "Nội dung quá lớn", "The body is too large",
        "Nội dung vượt giới hạn.",
        "The body is above its limit.";
    /// The body has another media type.
    UnsupportedMediaType = "unsupported_media_type", 415, "Kiểu nội dung không được hỗ trợ", "Unsupported media type",
        "Tiêu đề Content-Type không nêu kiểu mà thao tác này nhận.",
        "The header Content-Type names no type that this operation takes.";
    /// `If-Match` is missing.
    PreconditionRequired = "precondition_required", 428, "Thiếu điều kiện If-Match", "A precondition is required",
        "Gửi If-Match với ETag của phiên bản đã đọc; số liệu năm mới thì gửi If-None-Match: *.",
        "Send If-Match with the ETag of the version that was read; for figures of a new year If-None-Match: *.";
    /// The head of the request is too large.
    HeadTooLarge = "head_too_large", 431, "Phần đầu yêu cầu quá lớn", "The head of the request is too large",
        "Dòng yêu cầu và các tiêu đề vượt giới hạn; kết nối được đóng.",
        "The request line and the headers are above their limit; the connection is closed.";
    /// The client asks too often.
    TooManyRequests = "too_many_requests", 429, "Quá nhiều yêu cầu", "Too many requests",
        "Hãy gửi lại sau thời gian nêu ở Retry-After.",
        "Come back after the time that Retry-After names.";
    /// Something broke.
    Internal = "internal", 500, "Lỗi hệ thống", "Internal error",
        "Lỗi đã được ghi lại; hãy báo kèm traceId.",
        "It has been logged: report it with the traceId.";
    /// The database cannot be had now.
    Unavailable = "unavailable", 503, "Hệ thống đang bận", "Temporarily unavailable",
        "Chưa xử lý được lúc này; hãy gửi lại sau thời gian nêu ở Retry-After.",
        "It cannot be done now: repeat it after the time that Retry-After names.";
}
