#!/usr/bin/env python3
"""Writes the tables of the whole country before and after 1 July 2025 beside this file:

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install vietnamadminunits==1.0.4
    /tmp/venv/bin/python migration/data/territory.py

Source: the open package vietnamadminunits 1.0.4 (MIT). Codes, names and the map from old to new communes are facts
taken from it; the layout is ours. Decisions taken here, and why:

- Its older table is the state on 30 June 2025: 63 provinces, 696 districts, 10,035 communes. Earlier boundary changes
  are not in it, so every unit is listed under the day of the code list, 2004-07-08 (124/2004/QD-TTg), unless
  `administrative_units.json` or the migration knows better. A unit that was changed between 2004 and 2025 bears its
  last name, and its legal basis says so.
- Five island districts had no communes; each became a commune of its own (a special zone).
- A commune that was divided has several successors. The first one listed is the default: the package's own choice
  for an address of which nothing but the commune is known.
- A district ends without a unit of its level to follow it: its territory is its province's.
- Province names are those of `administrative_units.json`, which is older than this file and frozen.
- Resolutions of the Standing Committee on the communes of a province are named where a public source confirms their
  number; the others are covered by 76/2025/UBTVQH15 and 19/2025/QD-TTg.
"""

import json
import sqlite3
from pathlib import Path

import vietnamadminunits

HERE = Path(__file__).parent
DATA = Path(vietnamadminunits.__file__).parent / "data"

RESOLUTIONS = {
    "01": "1656", "08": "1684", "31": "1669", "46": "1675", "48": "1659", "51": "1677", "79": "1685", "91": "1654",
    "92": "1668",
}

OLD = """# The units that ended on 30 June 2025, written by territory.py. Province, district, commune by indentation: code, name,
# then, after >, the codes of the communes that follow it from 1 July 2025, the default first.
"""
NEW = """# The communes from 1 July 2025, written by territory.py: province (with the resolution that arranged its communes,
# where its number is known), then its communes by indentation.
"""


def rows(db, sql):
    return db.execute(sql).fetchall()


def write(name, lines):
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def successors(new):
    """From the key of an old commune to the codes of the new ones, the default first."""
    code = {(province_key, key): code for _, _, code, _, province_key, key in new}
    maps = json.loads((DATA / "converter_2025.json").read_text(encoding="utf-8"))
    found = {}
    for province, wards in maps["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            for old in olds:
                found[old] = [code[province, ward]]
    for province, olds in maps["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, wards in olds.items():
            ordered = sorted(wards, key=lambda ward: not ward["isDefaultNewWard"])
            found[old] = [code[province, ward["newWardKey"]] for ward in ordered]
    return found


def main():
    db = sqlite3.connect(DATA / "dataset.db")
    old = rows(
        db,
        "SELECT provinceCode, province, districtCode, district, wardCode, ward, provinceKey, districtKey, wardKey "
        "FROM admin_units_legacy ORDER BY provinceCode, districtCode, wardCode",
    )
    new = rows(
        db,
        "SELECT provinceCode, province, wardCode, ward, provinceKey, wardKey FROM admin_units "
        "ORDER BY provinceCode, wardCode",
    )
    after = successors(new)

    lines, province, district = [OLD.rstrip()], None, None
    for p, p_name, d, d_name, c, c_name, p_key, d_key, c_key in old:
        to = " ".join(after[f"{p_key}_{d_key}_{c_key or ''}"])
        if p != province:
            lines.append(f"{p} {p_name}")
            province = p
        if d != district:
            lines.append(f" {d} {d_name}" if c else f" {d} {d_name} > {to}")
            district = d
        if c:
            lines.append(f"  {c} {c_name} > {to}")
    write("communes_until_2025.txt", lines)

    lines, province = [NEW.rstrip()], None
    for p, p_name, c, c_name, _, _ in new:
        if p != province:
            resolution = f" > {RESOLUTIONS[p]}/NQ-UBTVQH15" if p in RESOLUTIONS else ""
            lines.append(f"{p} {p_name}{resolution}")
            province = p
        lines.append(f" {c} {c_name}")
    write("communes_from_2025.txt", lines)
    agencies(old, new)


# Agencies: their names follow those of their units.

MARCH, JULY = "2025-03-01", "2025-07-01"
STEMS = {MARCH: "01954f00-b000", JULY: "0197c348-8800"}
#: The commune in which each district of An Giang had its seat. That its People's Committee winds up what the district
#: left is our reading: no public decision names the successors, so the administrator may change it.
SEATS = {
    "883": "Long Xuyên", "884": "Châu Đốc", "886": "An Phú", "887": "Tân Châu", "888": "Phú Tân", "889": "Châu Phú",
    "890": "Tịnh Biên", "891": "Tri Tôn", "892": "An Châu", "893": "Chợ Mới", "894": "Thoại Sơn",
}
#: The other agencies of An Giang: sector, name, kind, and the group of the id.
OTHERS = [
    ("7003", "finance", "finance", "Sở Tài chính"),
    ("7004", "line-department", "agriculture", "Sở Nông nghiệp và Môi trường"),
    ("7005", "line-department", "transport", "Sở Xây dựng"),
    ("7006", "line-department", "industry_and_trade", "Sở Công Thương"),
    ("7007", "line-department", "science_and_technology", "Sở Khoa học và Công nghệ"),
    ("7008", "cooperative-alliance", "cooperatives", "Liên minh Hợp tác xã"),
    ("7009", "oversight", None, "Mặt trận Tổ quốc Việt Nam"),
    ("700a", "inspectorate", None, "Thanh tra"),
]


def of_unit(name):
    """A unit's name within that of an agency: `Tỉnh An Giang` is `tỉnh An Giang`."""
    return name[0].lower() + name[1:]


def identifier(day, group, unit):
    return f"{STEMS[day]}-{group}-8000-{int(unit):012d}"


def agencies(old, new):
    shipped = json.loads((HERE / "agencies.json").read_text(encoding="utf-8"))["rows"]
    by_place = {(kind, sector, unit): id for id, _, kind, sector, unit, _ in shipped}
    units = json.loads((HERE / "administrative_units.json").read_text(encoding="utf-8"))["rows"]
    keys = {p: key for p, _, _, _, _, _, key, _, _ in old}
    province_of_key = {key: p for p, _, _, _, key, _ in new}
    maps = json.loads((DATA / "converter_2025.json").read_text(encoding="utf-8"))["DICT_PROVINCE"]
    after = {p: province_of_key[next(new_key for new_key, olds in maps.items() if key in olds)] for p, key in keys.items()}
    names_before = {code: name for code, name, _, _, to, _ in units if to == "2025-06-30" and len(code) == 2}
    names_after = {code: name for code, name, _, start, _, _ in units if start == JULY}
    assert len(names_before) == 63 and len(names_after) == 34 and set(after.values()) == set(names_after)

    result = []

    def add(day, group, kind, sector, unit, province, name, predecessors):
        id = identifier(day, group, unit or "0")
        result.append([id, name, kind, sector, unit, province, day, predecessors])
        return id

    add(MARCH, "7020", "ministry", "finance", None, None, "Bộ Tài chính", [by_place["ministry", "planning", None]])
    lead = {}
    for unit, name in sorted(names_before.items()):
        planning = by_place.get(("lead-agency", "planning", unit))
        if planning:
            office = f"Sở Tài chính {of_unit(name)}"
            lead[unit] = add(MARCH, "7002", "lead-agency", "finance", unit, unit, office, [planning])
    for unit, name in sorted(names_after.items()):
        merged = sorted((old for old, now in after.items() if now == unit), key=lambda old: (old != unit, old))
        if len(merged) == 1:
            continue
        committees = [by_place["peoples-committee", None, old] for old in merged]
        add(JULY, "7001", "peoples-committee", None, unit, unit, f"Ủy ban nhân dân {of_unit(name)}", committees)
        leads = [lead[old] for old in merged if old in lead]
        add(JULY, "7002", "lead-agency", "finance", unit, unit, f"Sở Tài chính {of_unit(name)}", leads)
        alliances = [by_place[key] for key in by_place if key[:2] == ("lead-agency", "cooperatives") and key[2] in merged]
        if alliances:
            office = f"Liên minh Hợp tác xã {of_unit(name)}"
            add(JULY, "700b", "lead-agency", "cooperatives", unit, unit, office, alliances)
    for group, kind, sector, office in OTHERS:
        add(JULY, group, kind, sector, "91", "91", f"{office} tỉnh An Giang", [by_place[kind, sector, "89"]])
    communes = [(code, name) for p, _, code, name, _, _ in new if p == "91"]
    at_seat = {seat: next(c for c, n in communes if n.split(" ", 1)[1] == seat) for seat in SEATS.values()}
    district = {at_seat[seat]: by_place["locality", None, code] for code, seat in SEATS.items()}
    for code, name in communes:
        wound_up = [district[code]] if code in district else []
        add(JULY, "7010", "locality", None, code, "91", f"Ủy ban nhân dân {of_unit(name)}", wound_up)

    about = (
        "Agencies that began with the reforms of 2025, written by territory.py: from 1 March the Ministry of Finance "
        "and the departments of finance, into which planning was merged; from 1 July the People's Committee and the "
        "lead agency of each merged province, and for An Giang the other agencies of its plan and the People's "
        "Committees of its 102 communes. Each names the agencies whose records and obligations it takes over; those "
        "end on the day before. The merger of planning into finance and the departments' names are recalled, not "
        "verified; that the commune at a district's seat winds up what the district left is our reading. Ids are "
        "fixed: the day in milliseconds, the kind of agency, the code of its unit."
    )
    lines = ["{", f' "about": {json.dumps(about, ensure_ascii=False)},']
    lines.append(' "columns": ["id", "name", "kind", "sector", "unit", "province", "valid_from", "predecessors"],')
    lines.append(' "rows": [')
    lines.append(",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in result))
    lines += [" ]", "}"]
    write("agencies_2025.json", lines)


if __name__ == "__main__":
    main()
