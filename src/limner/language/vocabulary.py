"""The ready-made kinds of events, by the names that definitions use."""

from __future__ import annotations

from limner.language.kind import AnyEvent, Event, Kind

Impression = Kind(("impression",))
View = Kind(("view",))
Page = Kind(("page",))
Click = Kind(("click",))
Search = Kind(("search",))
Favourite = Kind(("favourite",))
Like = Kind(("like",))
Share = Kind(("share",))
Comment = Kind(("comment",))
Follow = Kind(("follow",))
Referral = Kind(("referral",))
Cart = Kind(("cart",))
Uncart = Kind(("uncart",))
Checkout = Kind(("checkout",))
Order = Kind(("order",))
Payment = Kind(("payment",))
Purchase = Kind(("purchase",))
Cancel = Kind(("cancel",))
Refund = Kind(("refund",))
Coupon = Kind(("coupon",))
Promotion = Kind(("promotion",))
Review = Kind(("review",))
Rating = Kind(("rating",))
Complaint = Kind(("complaint",))
Login = Kind(("login",))
Identify = Kind(("identify",))

__all__ = [
    "AnyEvent",
    "Cancel",
    "Cart",
    "Checkout",
    "Click",
    "Comment",
    "Complaint",
    "Coupon",
    "Event",
    "Favourite",
    "Follow",
    "Identify",
    "Impression",
    "Kind",
    "Like",
    "Login",
    "Order",
    "Page",
    "Payment",
    "Promotion",
    "Purchase",
    "Rating",
    "Referral",
    "Refund",
    "Review",
    "Search",
    "Share",
    "Uncart",
    "View",
]
