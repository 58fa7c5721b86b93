"""Structures, mass spectra and other spectra: made here, cut short, and hostile."""

from pathlib import Path

import pytest

from shirushi.describe.tests.made import Read, gzipped

CIF = """#
data_shelx1
_audit_creation_date 2019-03-05
_audit_creation_method 'SHELXL-2014/7'
_publ_contact_author_email someone@example.org
_publ_section_title
;
Structure of an example
complex
;
_journal_paper_doi 10.5555/cryst.9
_journal_year 2020
loop_
_publ_author_name
_publ_author_address
'Mori, Jun' 'Somewhere'
'Sato, Kei A.' 'Elsewhere'
_chemical_formula_sum 'C12 H8 N2 O1'
_cell_length_a 10.123(4)
_cell_length_b ?
_space_group_name_H-M_alt 'P 21/c'
_diffrn_ambient_temperature 100(2)
_diffrn_measurement_device_type 'Rigaku XtaLAB Synergy'
_computing_structure_refinement 'SHELXL-2014/7 (Sheldrick, 2014)'
_computing_data_reduction 'CrysAlisPro 1.171.40 (Rigaku, 2019)'
_database_code_depnum_ccdc_archive 'CCDC 1234567'
loop_
_atom_site_label
_atom_site_fract_x
C1 0.1
;
_chemical_name_common not-a-tag
;
C2 0.2
_refine_ls_R_factor_gt 0.0321
"""
MMCIF = """data_9XYZ
#
_entry.id   9XYZ
#
_struct.title  'Crystal structure of an example protein'
_struct_keywords.text  'HYDROLASE, example'
loop_
_exptl.entry_id
_exptl.method
9XYZ 'X-RAY DIFFRACTION'
loop_
_citation.id
_citation.title
_citation.pdbx_database_id_DOI
primary 'An example protein' 10.5555/prot.1
1 'Another article' 10.5555/other
loop_
_audit_author.name
_audit_author.pdbx_ordinal
'Mori, J.' 1
'Abe, T.' 2
_entity_src_gen.pdbx_gene_src_scientific_name 'ESCHERICHIA COLI'
_pdbx_database_status.recvd_initial_deposition_date 2022-01-31
loop_
_software.name
_software.version
PHENIX 1.19
XDS .
_diffrn_detector.type 'DECTRIS EIGER X 16M'
_diffrn_detector.pdbx_collection_date 2021-11-02
loop_
_atom_site.group_PDB
_atom_site.id
ATOM 1
ATOM 2
#
"""
NMR_STAR = """data_51234
save_entry_information
   _Entry.Sf_category  entry_information
   _Entry.ID  51234
   _Entry.Title
;
1H and 15N assignments
;
   _Entry.Submission_date  2021-02-03
   _Entry.NMR_STAR_version 3.2
   loop_
      _Entry_author.Ordinal
      _Entry_author.Given_name
      _Entry_author.Family_name
      1 Kei Sato
   stop_
save_
save_spectrometer
   _NMR_spectrometer.Manufacturer Bruker
   _NMR_spectrometer.Model Avance
   _NMR_spectrometer.Field_strength 800
save_
"""
PDB = """HEADER    HYDROLASE                               02-JUN-98   1ABC              1ABC   2
TITLE     STRUCTURE OF AN EXAMPLE
TITLE    2 ENZYME
SOURCE    MOL_ID: 1; ORGANISM_SCIENTIFIC: BACILLUS SUBTILIS; ORGANISM_TAXID: 1423
KEYWDS    HYDROLASE, EXAMPLE
EXPDTA    X-RAY DIFFRACTION
AUTHOR    J.MORI,K.A.SATO
JRNL        AUTH   J.MORI,K.A.SATO
JRNL        TITL   AN EXAMPLE ENZYME.
JRNL        REF    J.EXAMPLES                    V.   1     1 1999
JRNL        DOI    10.5555/ENZ.1
REMARK 200  DATE OF DATA COLLECTION        : 12-MAY-97
REMARK 200  DETECTOR MANUFACTURER          : MARRESEARCH
REMARK 200  INTENSITY-INTEGRATION SOFTWARE : DENZO
REMARK 200  BEAMLINE                       : NULL
CRYST1   52.000   58.600   61.900  90.00  90.00  90.00 P 21 21 21    8
ATOM      1  N   MET A   1      11.104   6.134  -6.504  1.00  0.00           N
END
"""
MZML = """<?xml version="1.0" encoding="utf-8"?>
<indexedmzML xmlns="http://psi.hupo.org/ms/mzml"><mzML version="1.1.0">
<fileDescription><fileContent><cvParam accession="MS:1000580" name="MSn spectrum"/></fileContent>
<sourceFileList count="1"><sourceFile id="R" name="run1.raw" location="file:///D:/people/mori"/></sourceFileList>
<contact><cvParam accession="MS:1000586" name="contact name" value="Mori Jun"/></contact></fileDescription>
<referenceableParamGroupList count="1"><referenceableParamGroup id="G">
<cvParam accession="MS:1001911" name="Q Exactive"/><cvParam accession="MS:1000529" name="instrument serial number" value="Exactive Series 9"/>
</referenceableParamGroup></referenceableParamGroupList>
<softwareList count="1"><software id="pwiz" version="3.0.1"><cvParam accession="MS:1000615" name="ProteoWizard software"/></software></softwareList>
<instrumentConfigurationList count="1"><instrumentConfiguration id="IC1"><referenceableParamGroupRef ref="G"/>
<componentList count="1"><analyzer order="1"><cvParam accession="MS:1000484" name="orbitrap"/></analyzer></componentList>
</instrumentConfiguration></instrumentConfigurationList>
<run id="run1" startTimeStamp="2020-07-08T09:10:11Z"><spectrumList count="1234"><spectrum index="0"><binary>AAAA</binary>
"""
MZXML = """<?xml version="1.0"?><mzXML xmlns="http://sashimi.sourceforge.net/schema_revision/mzXML_3.2"><msRun scanCount="77">
<parentFile fileName="D:\\people\\mori\\x.RAW" fileType="RAWData"/><msInstrument><msManufacturer category="m" value="Waters"/>
<msModel category="m" value="Xevo G2"/><msMassAnalyzer category="m" value="TOF"/></msInstrument>
<software type="conversion" name="ReAdW" version="4.3"/><scan num="1">"""
JCAMP = """##TITLE= Example ketone, film
##JCAMP-DX= 4.24 $$ a comment
##DATA TYPE= INFRARED SPECTRUM
##ORIGIN= Example Laboratory
##OWNER= Public domain
##DATE= 94/02/28
##SPECTROMETER/DATA SYSTEM= EXAMPLE FT-IR 5
##XUNITS= 1/CM
##YUNITS= TRANSMITTANCE
##FIRSTX= 400
##LASTX= 4000.0
##NPOINTS= 3
##XYDATA=(X++(Y..Y))
400 1 2 3
##END=
"""
BRUKER = """##TITLE= Parameter file, TopSpin 3.6.2
##JCAMPDX= 5.0
##ORIGIN= Bruker BioSpin GmbH
##OWNER= mori
##$DATE= 1577968930
##$INSTRUM= <spect>
##$NUC1= <13C>
##$NUC2= <off>
##$SOLVENT= <CDCl3>
##$PULPROG= <zgpg30>
##$NS= 128
##$TE= 298.1
##END=
"""


# ---- CIF


@pytest.mark.parametrize("pack", [False, True])
def test_cif_tells_cell_article_programs_and_device(tmp_path: Path, pack: bool) -> None:
    found = Read(tmp_path, gzipped(CIF) if pack else CIF, "x.cif.gz" if pack else "x.cif")
    assert (found.what.format, found.problems) == ("CIF (gzip)" if pack else "CIF", [])
    seen = found.attributes
    assert (seen["_cell_length_a"], seen["_space_group_name_h-m_alt"], seen["_diffrn_ambient_temperature"]) == (
        "10.123(4)",
        "P 21/c",
        "100(2)",
    )
    assert "_cell_length_b" not in seen  # unknown
    assert seen["_refine_ls_r_factor_gt"] == "0.0321"  # behind a loop that was passed over, and the text inside it
    assert found.stated("titles") == [{"text": "Structure of an example complex"}]
    assert [who["name"] for who in found.stated("creators")] == ["Mori, Jun", "Sato, Kei A."]
    assert found.stated("related")[0]["identifier"] == "10.5555/cryst.9"
    assert found.stated("dates") == [{"date": "2019-03-05", "type": "Created"}]
    assert found.stated("alternate_identifiers") == [{"identifier": "CCDC 1234567", "type": "CCDC"}]
    assert found.of("instrument") == [{"name": "Rigaku XtaLAB Synergy", "type": "diffractometer"}]
    programs = [(item["name"], item.get("version")) for item in found.of("software-used")]
    assert programs == [("SHELXL", "2014/7"), ("CrysAlisPro", "1.171.40")]
    assert found.of("sensitive") == [{"category": "e-mail", "count": 1}]
    assert "someone@" not in found.said
    assert found.stated("subjects") == []


def test_mmcif_tells_structure_organism_and_primary_citation(tmp_path: Path) -> None:
    found = Read(tmp_path, MMCIF, "9xyz.cif")
    assert (found.what.format, found.problems) == ("mmCIF", [])
    assert found.stated("titles") == [{"text": "Crystal structure of an example protein"}]
    assert [who["name"] for who in found.stated("creators")] == ["Mori, J.", "Abe, T."]
    assert [item["identifier"] for item in found.stated("related")] == ["10.5555/prot.1"]
    assert {"text": "Escherichia coli"} in found.stated("subjects")
    assert found.attributes["_exptl_method"] == "X-RAY DIFFRACTION"
    assert found.stated("alternate_identifiers") == [{"identifier": "9XYZ", "type": "PDB"}]
    assert found.of("software-used") == [{"name": "PHENIX", "version": "1.19"}, {"name": "XDS"}]
    assert found.of("instrument") == [{"name": "DECTRIS EIGER X 16M", "type": "detector"}]
    assert {"date": "2021-11-02", "type": "Collected"} in found.stated("dates")
    assert {"date": "2022-01-31", "type": "Submitted"} in found.stated("dates")


def test_cif_places_lead_to_their_lines(tmp_path: Path) -> None:
    found = Read(tmp_path, CIF, "x.cif")
    lines = CIF.split("\n")
    places = [item.place for item in found.evidence if item.kind == "attribute" and item.place.line]
    assert places
    assert all(place.quote in lines[place.line - 1] for place in places)


@pytest.mark.parametrize(
    "text",
    [
        "data_x\n_cell_length_a\n",
        "data_x\n_cell_length_a 1\nloop_\n",
        "data_x\n_cell_length_a 1\nloop_\n_publ_author_name\n'A\n",
        "data_x\n_cell_length_a 1\n_publ_section_title\n;\nno end",
        "data_x\n_cell_length_a 1\nloop_\nloop_\n_audit_author_name\n_audit_author_name\nx\n" + "y " * 50_000,
    ],
)
def test_broken_cif_yields_what_it_has(tmp_path: Path, text: str) -> None:
    found = Read(tmp_path, text, "x.cif")
    assert {code for code, _ in found.problems} <= {"malformed"}
    assert "reader-error" not in found.said


def test_cif_of_blank_lines_is_identified_quickly(tmp_path: Path) -> None:
    assert Read(tmp_path, "\n" * 16_000 + "x", "x.cif").what.media_type == "text/plain"


def test_nmr_star_tells_title_author_and_spectrometer(tmp_path: Path) -> None:
    found = Read(tmp_path, NMR_STAR, "bmr51234.str")
    assert (found.what.format, found.problems) == ("NMR-STAR", [])
    assert found.stated("titles") == [{"text": "1H and 15N assignments"}]
    assert [who["name"] for who in found.stated("creators")] == ["Sato, Kei"]
    assert found.of("instrument") == [{"manufacturer": "Bruker", "model": "Avance", "type": "NMR spectrometer"}]
    assert found.stated("dates") == [{"date": "2021-02-03", "type": "Submitted"}]


# ---- PDB, XYZ, SDF, POSCAR


def test_pdb_tells_title_authors_organism_and_collection(tmp_path: Path) -> None:
    found = Read(tmp_path, PDB, "1abc.pdb")
    assert (found.what.format, found.problems) == ("PDB", [])
    assert found.stated("titles") == [{"text": "Structure of an example enzyme"}]
    assert [who["name"] for who in found.stated("creators")] == ["Mori, J.", "Sato, K. A."]
    assert {"text": "Bacillus subtilis"} in found.stated("subjects")
    assert {"date": "1998-06-02", "type": "Submitted"} in found.stated("dates")
    assert {"date": "1997-05-12", "type": "Collected"} in found.stated("dates")
    assert found.stated("related")[0]["identifier"] == "10.5555/enz.1"
    assert found.of("instrument") == [{"name": "MARRESEARCH", "type": "detector"}]
    assert (found.attributes["atoms"], found.attributes["space group"]) == (1, "P 21 21 21")


def test_xyz_counts_frames_and_elements(tmp_path: Path) -> None:
    frame = '3\nenergy=-76.4 Lattice="9 0 0 0 9 0 0 0 9" pbc="T T T"\nO 0.0 0.0 0.1\nH 0.0 0.7 -0.4\nH 0.0 -0.7 -0.4\n'
    found = Read(tmp_path, frame * 2, "water.xyz")
    assert (found.what.format, found.attributes["frames"], found.attributes["elements"]) == ("XYZ", 2, "H2 O1")
    assert (found.attributes["energy"], found.attributes["Lattice"]) == ("-76.4", "9 0 0 0 9 0 0 0 9")


def test_xyz_that_announces_more_atoms_than_it_has(tmp_path: Path) -> None:
    found = Read(tmp_path, "999999999\nx\nO 0.0 0.0 0.1\n", "a.xyz")
    assert found.problems == [("truncated", "999999998 atoms of frame 1 are missing")]


def test_points_called_xyz_stay_a_table(tmp_path: Path) -> None:
    assert (
        Read(tmp_path, "1.0 2.0 3.0\n1.5 2.5 3.5\n2.0 2.1 2.2\n4.0 5.0 6.0\n", "points.xyz").what.format == "text table"
    )


def test_sdf_properties_are_columns(tmp_path: Path) -> None:
    molecule = "ethanol\n  RDKit          3D\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0 0.0 0.0 C\nM  END\n>  <logP>\n{}\n\n> <name>\nx\n\n$$$$\n"
    found = Read(tmp_path, molecule.format("-0.31") + molecule.format("1.5"), "m.sdf")
    assert (found.what.media_type, found.attributes["molecules"]) == ("chemical/x-mdl-sdfile", 2)
    assert found.of("software-used") == [{"name": "RDKit"}]
    columns = {column["name"]: column for column in found.of("column")}
    assert (columns["logP"]["type"], columns["logP"]["minimum"], columns["logP"]["maximum"]) == ("number", -0.31, 1.5)
    assert columns["name"]["type"] == "string"


def test_poscar_tells_its_composition(tmp_path: Path) -> None:
    found = Read(tmp_path, "rutile\n1.0\n4.6 0 0\n0 4.6 0\n0 0 2.95\nTi O\n2 4\nDirect\n0 0 0\n", "POSCAR")
    assert (found.what.format, found.attributes["composition"], found.attributes["atoms"]) == ("POSCAR", "Ti2 O4", 6)


# ---- spectra


@pytest.mark.parametrize("pack", [False, True])
def test_mzml_tells_instrument_programs_and_start(tmp_path: Path, pack: bool) -> None:
    found = Read(tmp_path, gzipped(MZML) if pack else MZML, "x.mzML.gz" if pack else "x.mzML")
    assert found.problems == []
    assert found.of("instrument") == [{"manufacturer": "Thermo Fisher Scientific", "model": "Q Exactive",
        "serial_number": "Exactive Series 9", "type": "mass spectrometer"}]  # fmt: skip
    assert found.of("software-used") == [{"name": "ProteoWizard software", "version": "3.0.1"}]
    assert (found.attributes["source file"], found.attributes["spectra"], found.attributes["analyzer"]) == (
        "run1.raw",
        1234,
        ["orbitrap"],
    )
    assert found.stated("dates") == [{"date": "2020-07-08", "type": "Collected"}]
    assert found.of("sensitive") == [{"category": "personal-name", "count": 1}]
    assert "ori Jun" not in found.said
    assert "people" not in found.said


def test_mzxml_tells_instrument_and_source_without_its_folder(tmp_path: Path) -> None:
    found = Read(tmp_path, MZXML, "x.mzXML")
    assert (found.what.format, found.problems) == ("mzXML", [])
    assert found.of("instrument") == [{"manufacturer": "Waters", "model": "Xevo G2", "type": "mass spectrometer"}]
    assert (found.attributes["source file"], found.attributes["spectra"]) == ("x.RAW", 77)
    assert "mori" not in found.said


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]>\n' + MZML.split("\n", 1)[1], "entities"),
        ("<mzML>" + "<a>" * 100, "too-deep"),
        ("<mzML><a></b>", "malformed"),
        ("<mzML><fileDescription>", "truncated"),
        ("<mzML>" + "<a/>" * 2_500_000, "too-large"),
    ],
)
def test_hostile_mzml_is_refused(tmp_path: Path, text: str, code: str) -> None:
    assert [problem for problem, _ in Read(tmp_path, text, "x.mzML").problems] == [code]


def test_jcamp_tells_title_axes_and_spectrometer(tmp_path: Path) -> None:
    found = Read(tmp_path, JCAMP, "x.jdx")
    assert (found.what.format, found.problems) == ("JCAMP-DX", [])
    assert found.stated("titles") == [{"text": "Example ketone, film"}]
    assert found.of("instrument") == [{"name": "EXAMPLE FT-IR 5", "type": "infrared spectrometer"}]
    assert found.stated("dates") == [{"date": "1994-02-28", "type": "Collected"}]
    x, y = found.of("array")
    assert (x["unit"], x["minimum"], x["maximum"], x["shape"]) == ("1/CM", 400.0, 4000.0, [3])
    assert y["unit"] == "TRANSMITTANCE"
    assert found.attributes["JCAMP-DX version"] == "4.24"


def test_bruker_parameters_tell_nucleus_solvent_and_day(tmp_path: Path) -> None:
    found = Read(tmp_path, BRUKER, "1/acqus")
    assert (found.what.format, found.problems) == ("Bruker parameters", [])
    seen = found.attributes
    assert (seen["nucleus"], seen["solvent"], seen["pulse program"], seen["scans"]) == ("13C", "CDCl3", "zgpg30", "128")
    assert "second nucleus" not in seen
    assert found.of("instrument") == [
        {"name": "spect", "manufacturer": "Bruker BioSpin GmbH", "type": "NMR spectrometer"}
    ]
    assert found.of("software-used") == [{"name": "TopSpin", "version": "3.6.2"}]
    assert found.stated("dates") == [{"date": "2020-01-02", "type": "Collected"}]
    assert "mori" not in found.said
