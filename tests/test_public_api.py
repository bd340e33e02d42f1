"""What `import cnnsym` offers: the promised names, each documented, and nothing twice."""

import inspect
from importlib.metadata import version
from pathlib import Path

import pytest

import cnnsym

PROMISED = """
    dims matrix vector scalar elementwise objective
    vec unvec kron hadamard diag commutation trace ones basis
    differential jacobian gradient
    prove Proved Refuted Unknown
    to_latex from_latex compile_numpy
    layers reference
""".split()


@pytest.mark.parametrize("name", PROMISED)
def test_a_promised_name_is_there(name):
    assert name in cnnsym.__all__
    assert hasattr(cnnsym, name)


def test_names_are_listed_once_and_exist():
    assert len(cnnsym.__all__) == len(set(cnnsym.__all__))
    assert all(hasattr(cnnsym, name) for name in cnnsym.__all__)


def test_every_name_is_documented():
    for name in cnnsym.__all__:
        assert inspect.getdoc(getattr(cnnsym, name)), f"cnnsym.{name} has no docstring"


def test_our_functions_are_annotated():
    for name in cnnsym.__all__:
        thing = getattr(cnnsym, name)
        if inspect.isfunction(thing):
            signature = inspect.signature(thing)
            assert signature.return_annotation is not inspect.Signature.empty, f"cnnsym.{name}: no return type"
            for parameter in signature.parameters.values():
                assert parameter.annotation is not inspect.Parameter.empty, f"cnnsym.{name}({parameter.name})"


def test_a_public_function_does_not_shadow_a_module_of_that_name():
    modules = {path.stem for path in Path(cnnsym.__file__).parent.iterdir() if path.suffix == ".py" or path.is_dir()}
    for name in set(cnnsym.__all__) & modules:
        assert inspect.ismodule(getattr(cnnsym, name)), f"cnnsym.{name} hides the module cnnsym/{name}"


def test_the_package_is_typed_and_has_a_version():
    assert (Path(cnnsym.__file__).parent / "py.typed").is_file()
    assert version("cnnsym").count(".") == 2
