"""Ridge regression for a whole path of penalties at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.errors import UnavailableError, said

__all__ = ["PENALTIES", "Path", "require_scikit_learn", "ridge_path"]

PENALTIES = tuple(float(10 ** (step / 2)) for step in range(-4, 9))
"""Penalties for each row learnt from, .01 to 10,000: the same choice means the same for any n."""


@dataclass(frozen=True, slots=True)
class Path:
    """Weights [A, D] and biases [A] of A penalties."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def predict(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """Return the predictions [n, A] for ``x`` [n, D]."""
        made: NDArray[np.float64] = x @ self.weights.T.astype(x.dtype) + self.bias
        return made


def ridge_path(
    x: NDArray[Any],
    y: NDArray[np.float64],
    penalties: tuple[float, ...] = PENALTIES,
    *,
    intercept: bool = True,
) -> Path:
    """Fit y [n] on x [n, D] once for each of ``penalties``, given for one row each.

    Raises:
        UnavailableError: scikit-learn is not installed.
    """
    require_scikit_learn()
    from sklearn.linear_model import Ridge

    alphas = np.array(penalties) * len(y)
    # As many targets as penalties: one decomposition, or one table of products, serves them all.
    tall = len(x) > x.shape[1]
    own = x.astype(np.float64) if tall else x
    model: Any = Ridge(alpha=alphas, solver="cholesky" if tall else "svd", fit_intercept=intercept)
    targets = np.repeat(y[:, None], alphas.size, axis=1).astype(own.dtype)
    model.fit(own, targets)
    bias = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), alphas.shape)
    return Path(np.atleast_2d(np.asarray(model.coef_, dtype=np.float64)), bias)


def require_scikit_learn() -> None:
    """Refuse to go on without scikit-learn.

    Raises:
        UnavailableError: it is not installed.
    """
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise UnavailableError(
            said("헤드를 학습하려면 scikit-learn이 있어야 합니다.",
                 "Training a head needs scikit-learn."),
            said('`pip install "kojudge[local,train]"`로 설치하세요. 학습된 헤드를 쓰는 데는 필요 없습니다.',
                 'Install it: pip install "kojudge[local,train]". A trained head does not need it.'),
        ) from error  # fmt: skip
