using System.Text.Json;
using System.Text.Json.Serialization;
using DmSim.Harness.Operations;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;

namespace DmSim.Harness.Campaigns;

/// <summary>How results are written and read: records as they are, sequences in their text form. What is missing is an error.</summary>
internal static class ResultJson
{
    public static readonly JsonSerializerOptions Options = new(JsonStyle.Indented)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(), new SequenceText(), new ShardText() },
    };

    private sealed class SequenceText : JsonConverter<OperationSequence>
    {
        public override OperationSequence Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            OperationSequence.TryParse(reader.GetString() ?? "", out var sequence, out string error) ? sequence! : throw new JsonException(error);

        public override void Write(Utf8JsonWriter writer, OperationSequence value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    private sealed class ShardText : JsonConverter<Shard>
    {
        public override Shard Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            Shard.TryParse(reader.GetString() ?? "", out var shard) ? shard : throw new JsonException("no part of a campaign");

        public override void Write(Utf8JsonWriter writer, Shard value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
