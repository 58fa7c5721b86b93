"""Arrow files: a small one that pyarrow wrote (Feather, LZ4, three batches), whole and damaged."""

import base64
import random
import zlib
from pathlib import Path

from shirushi.describe.tests.made import Read

# day: date32, temp: float64 with metadata unit and description, n: int64, site: dictionary of strings; five rows
FEATHER = zlib.decompress(
    base64.b85decode(
        "c-rk&y>8S%5T3Oip9Lm4f{P#`VZx6hXu=c3Cy<f`aY_Lx?*I!~g5z{?q|jN22jCGXDJUqfOhuiNM@a`W>shlqmy2@}NEGa8Jv;wDpM7?3Z|~{z"
        "hX6lu9V>t?(7FUMgs=n=o^YuE0wiD2hA8b<Xgfvv26qDFw}#dsbkMVlk~)rBBHd%$Df<D_gQCpo9N~{7bd5D1<L+pl0@QwW{uJ}0$fMZnRy-^P"
        "M%s7T@y#?@wJHN$+iI=$skV>WukOLrR_1TVboOv(EIYy6Cg%$7UNK3@E}sm`!$}U8X(su>%SkaVi+3a4N5I`B?5F3JzkX!$9FB^T&fj%kp03TV"
        "lxG;petn8Fe2>>q+lTOb5sp)<pBTHZk&Jaz@B)+o>{>oH23_s5jx=a|_BnsTGl6DSH7-8PU$>cVGQDo;l!ym>59rt%Pu2$62V|==O+D8R*=qPg"
        "%wbcVGY3D=J$-X>yM2FY={q{7?>nMz5d3|n`$BK{drT{#H~a&qp4mAr$|vqTui$a#*$&0-15sH&+g-!sRYd33>2?QJBJletINhFWPmj)qLI<>s"
        "`t$QA7Vb7(7~fBS3E!JcQz1_Ue!D_%_`6KULO&Mq{}jHFJ6~igg0+FRJBt(H`q^M<sIXf$cvh-4pM&E?@vAO~pIQ*V8!h;m`Da3(3H?Cm2O_?~"
        "Pu{?b@_{?gfbnaacLUrRdestt=6QqW{gCK4554JQ_CDhOF7rP4!8hO*XEFb?)4-LR=kq9Z<&~Jl3CoYgbM*h4<lp`#*}{T*`Wy2Xdj7Ab"
    )
)


def test_fields_units_and_rows(tmp_path: Path) -> None:
    found = Read(tmp_path, FEATHER, "t.feather")
    (table,) = found.of("table")
    assert (table["rows"], table["header"]) == (5, ["day", "temp", "n", "site"])
    assert [(c["name"], c["type"], c.get("unit"), c.get("description")) for c in found.of("column")] == [
        ("day", "date", None, None),
        ("temp", "number", "degC", "Air temperature"),
        ("n", "integer", None, None),
        ("site", "string", None, None),
    ]


def test_cut_off_and_mutated_files_say_so_or_nothing(tmp_path: Path) -> None:
    for size in (8, 19, 200, len(FEATHER) - 1):
        assert [code for code, _ in Read(tmp_path, FEATHER[:size], "t.feather").problems] == ["malformed"]
    chance = random.Random(1)
    for _ in range(300):
        data = bytearray(FEATHER)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data) - 1_200, len(data) - 10)] = chance.randrange(256)
        assert {code for code, _ in Read(tmp_path, bytes(data), "t.feather").problems} <= {"malformed"}
