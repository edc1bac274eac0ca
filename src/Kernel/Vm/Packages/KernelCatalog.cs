using System.Text.RegularExpressions;

namespace DmSim.Kernel.Vm;

/// <summary>Where a kernel of a tag comes from: Debian's cloud kernels.</summary>
/// <param name="Tag">"6.1".</param>
/// <param name="Suites">Suites to look in; the first that has the package wins.</param>
/// <param name="Package">The package with the boot image; its first group is the release's first part.</param>
/// <param name="OtherPackages">Packages with what is not in it, the modules and the list of those built in; $1 is Package's first group.</param>
public sealed record KernelSource(string Tag, IReadOnlyList<KernelSuite> Suites, string Package, params IReadOnlyList<string> OtherPackages)
{
    /// <summary>All packages of the release that <paramref name="package"/> has the boot image of.</summary>
    public IReadOnlyList<string> PackagesOf(string package) =>
        [package, .. OtherPackages.Select(other => other.Replace("$1", Match(package), StringComparison.Ordinal))];

    /// <summary>The first group of <see cref="Package"/> in a package's name; null for another package.</summary>
    public string? Match(string package)
    {
        var match = Regex.Match(package, "^" + Package + "$", RegexOptions.CultureInvariant);
        return match.Success ? match.Groups[1].Value : null;
    }
}

/// <param name="Security">Whether the suite is in the security archive, beside the main one.</param>
public readonly record struct KernelSuite(string Name, bool Security = false);

/// <summary>The kernels that can be fetched by tag.</summary>
public static class KernelCatalog
{
    /// <summary>The newest long-term kernel that conformance is run against.</summary>
    public const string DefaultTag = "6.1";

    public static readonly IReadOnlyList<KernelSource> All =
    [
        new("5.10", [new("bullseye-security", Security: true), new("bullseye")], @"linux-image-(5\.10\.\d+-\d+)-cloud-amd64"),
        new("6.1", [new("bookworm-security", Security: true), new("bookworm")], @"linux-image-(6\.1\.\d+-\d+)-cloud-amd64"),
        new("6.12", [new("bookworm-backports"), new("trixie")], @"linux-image-(6\.12\.[0-9.]+\+deb[0-9.]+)-cloud-amd64"),
        new("7.3", [new("trixie-backports")], @"linux-binary-(7\.3\.[0-9.]+\+deb[0-9.]+)-cloud-amd64",
            "linux-modules-$1-cloud-amd64", "linux-base-$1-cloud-amd64"),
    ];

    public static KernelSource Find(string tag) => All.FirstOrDefault(k => k.Tag == tag) ?? throw new SetupException(
        $"There is no kernel '{tag}': use one of {string.Join(", ", All.Select(k => k.Tag))}, or --kernel FILE --modules DIR for one of your own.");
}
