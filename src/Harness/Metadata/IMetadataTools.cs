namespace DmSim.Harness.Metadata;

/// <summary>The independent judges of thin metadata: thin_check and thin_dump of thin-provisioning-tools.</summary>
public interface IMetadataTools
{
    /// <summary>What thin_check says against the image; null when it passes.</summary>
    string? Check(byte[] image);

    /// <summary>The image's meaning as thin_dump writes it, or what that says when it cannot.</summary>
    string Dump(byte[] image);
}
