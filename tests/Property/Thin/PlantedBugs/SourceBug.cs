namespace DmSim.Property.Thin.PlantedBugs;

/// <summary>A bug in the thin part of the model: one place of its source as somebody could have written it wrongly.</summary>
/// <param name="Name">Short and unique.</param>
/// <param name="What">What is wrong, for the list.</param>
/// <param name="File">Below src/Model.</param>
/// <param name="Right">What stands there, once.</param>
/// <param name="Wrong">What stands there in the mutant.</param>
internal sealed record SourceBug(string Name, string What, string File, string Right, string Wrong)
{
    public override string ToString() => Name;
}
