"""Where made-up people live: real towns, made-up streets."""

from __future__ import annotations

# Real towns, their area codes and some of their ZIP codes; New England's begin with a zero.
TOWNS: list[tuple[str, str, list[str]]] = [
    ("Boston", "617", ["02115", "02118", "02127", "02130"]),
    ("Cambridge", "617", ["02138", "02139", "02141"]),
    ("Worcester", "508", ["01602", "01604", "01609"]),
    ("Springfield", "413", ["01105", "01108", "01109"]),
    ("Providence", "401", ["02903", "02906", "02909"]),
    ("Hartford", "860", ["06103", "06105", "06114"]),
    ("New Haven", "203", ["06511", "06513", "06515"]),
    ("Portland", "207", ["04101", "04102", "04103"]),
    ("Newark", "973", ["07102", "07104", "07107"]),
    ("Jersey City", "201", ["07302", "07304", "07306"]),
    ("Albany", "518", ["12203", "12206", "12208"]),
    ("Buffalo", "716", ["14209", "14213", "14216"]),
    ("Rochester", "585", ["14607", "14609", "14620"]),
    ("Syracuse", "315", ["13203", "13206", "13210"]),
    ("Pittsburgh", "412", ["15206", "15213", "15217"]),
    ("Erie", "814", ["16502", "16505", "16509"]),
    ("Cleveland", "216", ["44102", "44109", "44120"]),
    ("Columbus", "614", ["43201", "43206", "43215"]),
    ("Cincinnati", "513", ["45202", "45208", "45220"]),
    ("Dayton", "937", ["45402", "45409", "45419"]),
    ("Toledo", "419", ["43604", "43606", "43614"]),
    ("Akron", "330", ["44302", "44310", "44313"]),
    ("Charleston", "304", ["25301", "25302", "25311"]),
    ("Louisville", "502", ["40202", "40204", "40206"]),
]
STREETS = [
    "Main", "Oak", "Maple", "Park", "Washington", "Elm", "Cedar", "Lake", "Hill", "Walnut", "Pine",
    "Church", "Spring", "Chestnut", "Highland", "River", "Franklin", "Jefferson", "Lincoln", "Madison",
    "Prospect", "Union", "Adams", "Jackson", "Willow", "Sunset", "Meadow", "Ridge", "Forest", "Summit",
    "Pleasant", "Center", "School", "Mill", "Winter", "Summer", "Grove", "Beacon", "Harvard", "College",
    "Orchard", "Vine", "Locust", "Liberty", "Cherry",
]  # fmt: skip
STREET_KINDS = ["St", "Ave", "Rd", "Ln", "Dr", "Ct", "Blvd"]
STREET_KINDS_IN_FULL = ["Street", "Avenue", "Road", "Lane", "Drive", "Court", "Boulevard"]
