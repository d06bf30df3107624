"""Arithmetic: the calculator behind the agent. Numbers and + - * / // % ** ( ), nothing else."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

LONGEST = 200  # characters of an expression
LARGEST_POWER = 64
LARGEST_BASE = 1e9
EXPRESSION = re.compile(r"[-+(]*\d[\d.\s()+\-*/%^×÷]*")

BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}


def find(text: str) -> str | None:
    """The longest expression with an operator in a text, None if there is none."""
    found = [each.strip() for each in EXPRESSION.findall(text)]
    found = [each for each in found if re.search(r"\d[\s)]*[+\-*/%^×÷]", each)]
    best = max(found, key=len, default=None)
    return best[:LONGEST] if best else None


def evaluate(expression: str) -> str:
    """The value of an expression, or why it has none, in words."""
    plain = expression.replace("^", "**").replace("×", "*").replace("÷", "/")
    try:
        value = _value(ast.parse(plain, mode="eval").body)
    except ZeroDivisionError:
        return "division by zero"
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return "not a sum that I can do"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=op, operand=operand) if type(op) in UNARY:
            return UNARY[type(op)](_value(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            a, b = _value(left), _value(right)
            if isinstance(op, ast.Pow) and (abs(b) > LARGEST_POWER or abs(a) > LARGEST_BASE):
                raise OverflowError
            result = BINARY[type(op)](a, b)
            if isinstance(result, complex):
                raise ValueError
            return result
        case _:
            raise ValueError(type(node).__name__)
