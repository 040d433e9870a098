"""Security headers of every answer, whoever made it."""

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SAFETY = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
NO_STORE = "no-store"
FOR_EVER = "public, max-age=31536000, immutable"

Headers = list[tuple[bytes, bytes]]


def with_safety(headers: Headers, request_id: str) -> Headers:
    """Add what is not there yet: an answer may be stricter, and only files are cacheable."""
    present = {name.lower() for name, _ in headers}
    added = SAFETY | {"cache-control": NO_STORE, "x-request-id": request_id}
    return headers + [
        (name.encode(), value.encode())
        for name, value in added.items()
        if name.encode() not in present
    ]
