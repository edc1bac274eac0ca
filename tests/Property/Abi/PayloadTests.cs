using System.Buffers.Binary;
using DmSim.Abi;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using FsProperty = FsCheck.NUnit.PropertyAttribute;

namespace DmSim.Property.Abi;

/// <summary>The payloads of requests and replies, there and back, and from bytes that nobody meant.</summary>
public sealed class PayloadTests
{
    [FsProperty(MaxTest = 300, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool Lines_of_a_load_come_back_from_its_bytes(TableLine[] lines) =>
        DmTargetSpec.TryDecodeLoad(DmTargetSpec.EncodeLoad(lines), (uint)lines.Length, out var read, out _)
        && read.SequenceEqual(lines);

    [FsProperty(MaxTest = 300, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool Lines_of_a_status_come_back_from_its_bytes(TableLine[] lines) =>
        DmTargetSpec.TryDecodeStatus(DmTargetSpec.EncodeStatus(lines), (uint)lines.Length, out var read, out _)
        && read.SequenceEqual(lines);

    [FsProperty(MaxTest = 300, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool A_list_of_devices_comes_back_from_its_bytes(DmListedDevice[] devices) =>
        DmNameList.TryDecode(DmNameList.Encode(devices), out var read, out _) && read.SequenceEqual(devices);

    [FsProperty(MaxTest = 300, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool Versions_come_back_from_their_bytes(DmTargetVersion[] versions) =>
        DmTargetVersions.TryDecode(DmTargetVersions.Encode(versions), out var read, out _) && read.SequenceEqual(versions);

    [FsProperty(MaxTest = 300, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool Dependencies_come_back_from_their_bytes(DeviceNumber[] devices) =>
        DmTargetDeps.TryDecode(DmTargetDeps.Encode(devices), out var read, out _) && read.SequenceEqual(devices);

    [FsProperty(MaxTest = 300, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool A_message_comes_back_from_its_bytes(TableLine line) =>
        DmTargetMsg.TryDecode(DmTargetMsg.Encode(line.Start, line.Parameters), out var sector, out string message, out _)
        && sector == line.Start && message == line.Parameters;

    [FsProperty(MaxTest = 3000, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool Random_bytes_decode_or_are_refused_with_a_reason(RandomPayload payload) => EveryDecoderAnswers(payload.Bytes, payload.Count);

    [FsProperty(MaxTest = 3000, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool Damaged_payloads_decode_or_are_refused_with_a_reason(
        TableLine[] lines, DmListedDevice[] devices, DmTargetVersion[] versions, Mutation damage)
    {
        byte[][] payloads =
        [
            DmTargetSpec.EncodeLoad(lines), DmTargetSpec.EncodeStatus(lines), DmNameList.Encode(devices), DmTargetVersions.Encode(versions),
        ];
        return payloads.All(payload => EveryDecoderAnswers(damage.Apply(payload), (uint)lines.Length));
    }

    [FsProperty(MaxTest = 3000, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool Damaged_replies_decode_or_are_refused_with_a_reason(TableLine[] lines, Mutation first, Mutation second)
    {
        var request = DmRequest.Build(DmCommand.DM_TABLE_STATUS, "x", payload: DmTargetSpec.EncodeStatus(lines), targetCount: (uint)lines.Length);
        return EveryDecoderAnswers(new DmReply(request.Command, Errno.None, second.Apply(first.Apply(request.Buffer))));
    }

    /// <summary>What fails says why, what succeeds says nothing; anything thrown fails the property.</summary>
    private static bool EveryDecoderAnswers(byte[] bytes, uint count) =>
        DmTargetSpec.TryDecodeLoad(bytes, count, out _, out string load) == (load.Length == 0)
        && DmTargetSpec.TryDecodeStatus(bytes, count, out _, out string status) == (status.Length == 0)
        && DmNameList.TryDecode(bytes, out _, out string names) == (names.Length == 0)
        && DmTargetDeps.TryDecode(bytes, out _, out string deps) == (deps.Length == 0)
        && DmTargetVersions.TryDecode(bytes, out _, out string versions) == (versions.Length == 0)
        && DmTargetMsg.TryDecode(bytes, out _, out _, out string message) == (message.Length == 0)
        && DmHeader.TryDecode(bytes, out _, out string header) == (header.Length == 0)
        && EveryDecoderAnswers(new DmReply(DmCommand.DM_TABLE_STATUS, Errno.None, bytes));

    private static bool EveryDecoderAnswers(DmReply reply) =>
        reply.TryLines(out _, out string lines) == (lines.Length == 0)
        && reply.TryDevices(out _, out string devices) == (devices.Length == 0)
        && reply.TryDeps(out _, out string deps) == (deps.Length == 0)
        && reply.TryVersions(out _, out string versions) == (versions.Length == 0)
        && reply.TryMessageText(out _, out string text) == (text.Length == 0);

    [Test]
    public void Next_counts_from_its_own_spec_in_a_load_and_from_the_first_one_in_a_status()
    {
        var line = new TableLine(new Sectors(0), new Sectors(8), "zero", "");
        Assert.That(Nexts(DmTargetSpec.EncodeLoad([line, line, line])), Is.EqualTo([48u, 48u, 48u]));
        Assert.That(Nexts(DmTargetSpec.EncodeStatus([line, line, line])), Is.EqualTo([48u, 96u, 144u]));

        static uint[] Nexts(byte[] payload) =>
            [.. Enumerable.Range(0, 3).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(payload.AsSpan(i * 48 + DmTargetSpec.NextOffset)))];
    }

    [TestCase(0u, "")]
    [TestCase(1u, "")]
    [TestCase(2u, "target 1: 0 bytes left at 48 of 48, 40 needed")]
    public void A_status_of_one_line_holds_so_many_targets(uint count, string reason)
    {
        byte[] payload = DmTargetSpec.EncodeStatus([new TableLine(new Sectors(0), new Sectors(8), "linear", "7:0 0")]);
        bool read = DmTargetSpec.TryDecodeStatus(payload, count, out _, out string why);
        Assert.That((read, why), Is.EqualTo((reason.Length == 0, reason)));
    }

    [TestCase(39u, "target 0: the next one is said to start at 39, inside this one at 0")]
    [TestCase(41u, "")]
    [TestCase(97u, "target 0: the next one is said to start at 97 of 96")]
    public void An_offset_that_leads_nowhere_is_named(uint next, string reason)
    {
        var line = new TableLine(new Sectors(0), new Sectors(8), "zero", "");
        byte[] payload = DmTargetSpec.EncodeStatus([line, line]);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(DmTargetSpec.NextOffset), next);
        bool read = DmTargetSpec.TryDecodeStatus(payload, 2, out _, out string why);
        Assert.That((read, why), Is.EqualTo((reason.Length == 0, reason)));
    }

    [Test]
    public void A_list_that_starts_with_device_zero_is_empty()
    {
        Assert.That(DmNameList.TryDecode(new byte[64], out var devices, out _), Is.True);
        Assert.That(devices, Is.Empty);
    }

    [Test]
    public void An_entry_without_room_for_its_uuid_is_refused()
    {
        byte[] payload = DmNameList.Encode(
            [new DmListedDevice("d0", DeviceNumber.Dm(0), 3, DmNameListFlags.DM_NAME_LIST_FLAG_HAS_UUID, "U0")]);
        Assert.That(DmNameList.TryDecode(payload.AsSpan(0, 24), out _, out string reason), Is.False);
        Assert.That(reason, Is.EqualTo("entry 0 at 0 of 24: the uuid has no end"));
    }

    [Test]
    public void A_count_of_dependencies_that_cannot_be_there_is_refused()
    {
        byte[] payload = DmTargetDeps.Encode([DeviceNumber.Loop(0)]);
        payload[0] = 2;
        Assert.That(DmTargetDeps.TryDecode(payload, out _, out string reason), Is.False);
        Assert.That(reason, Is.EqualTo("2 devices do not fit into 16 bytes"));
    }
}
