using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Campaigns;

/// <summary>
/// What a campaign, or a shard of one, leaves for "dmsim merge": what it was asked for, which part it is, and what it found. Written whole
/// or not at all, and with a digest, so that a file that was cut or changed on its way is known for one.
/// </summary>
/// <param name="Path">Where it was read.</param>
/// <param name="Digest">The same for files of the same contents.</param>
public sealed record ResultFile(string Path, Campaign Campaign, Shard Shard, string Digest, JsonNode Body)
{
    private const string Format = "dmsim result 1";
    private const string FormatName = "format", CampaignName = "campaign", ShardName = "shard", BodyName = "body", DigestName = "sha256";

    /// <exception cref="IOException">The folder or the file cannot be written.</exception>
    public static void Write<T>(string path, Campaign campaign, Shard shard, T body)
    {
        var json = new JsonObject
        {
            [FormatName] = Format,
            [CampaignName] = JsonSerializer.SerializeToNode(campaign, ResultJson.Options),
            [ShardName] = shard.ToString(),
            [BodyName] = JsonSerializer.SerializeToNode(body, ResultJson.Options),
        };
        json[DigestName] = DigestOf(json);
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        string half = path + ".unfinished";
        File.WriteAllText(half, json.ToJsonString(ResultJson.Options) + "\n", new UTF8Encoding(false));
        File.Move(half, path, overwrite: true);
    }

    /// <exception cref="BadResultException">It is no result, or damaged.</exception>
    public static ResultFile Read(string path)
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllText(path, Encoding.UTF8)) is not JsonObject json || json[FormatName]?.ToString() is not { } format)
                throw new BadResultException($"{path} is no result of dmsim: give files that --result has written.");
            if (format != Format)
                throw new BadResultException($"{path} is of the format \"{format}\", and this dmsim reads \"{Format}\": take the dmsim that wrote it.");
            string? digest = json[DigestName]?.ToString();
            json.Remove(DigestName);
            if (digest is null || digest != DigestOf(json))
                throw Damaged(path, "its digest is not that of its contents");
            return new ResultFile(
                path, json[CampaignName].Deserialize<Campaign>(ResultJson.Options)!, json[ShardName].Deserialize<Shard>(ResultJson.Options)!, digest, json[BodyName]!);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw Damaged(path, "it is cut or no JSON");
        }
    }

    /// <exception cref="BadResultException">What it holds is not what its kind of campaign leaves.</exception>
    public T BodyAs<T>()
    {
        try
        {
            return Body.Deserialize<T>(ResultJson.Options) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw Damaged(Path, $"it does not hold what dmsim {Campaign.Verb} leaves");
        }
    }

    /// <summary>What a result holds, as text for machines.</summary>
    public static string Print<T>(T body) => JsonSerializer.Serialize(body, ResultJson.Options);

    private static BadResultException Damaged(string path, string how) =>
        new($"{path} is damaged: {how}; copy it again, or run its shard again.");

    private static string DigestOf(JsonObject json) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json.ToJsonString(ResultJson.Options))));
}
