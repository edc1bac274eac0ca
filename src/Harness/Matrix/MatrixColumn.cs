using DmSim.Abi;

namespace DmSim.Harness.Matrix;

/// <summary>A kernel of the matrix, and the model that speaks for it.</summary>
/// <param name="Label">What the column is called: "6.12".</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="Model">A fresh model of that very release; null when there is no profile of it, and kernels are compared with kernels only.</param>
public sealed record MatrixColumn(string Label, IBatchMachine Kernel, Func<IMachine>? Model);
