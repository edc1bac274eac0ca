using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using DmSim.Abi;
using NUnit.Framework;
using FsProperty = FsCheck.NUnit.PropertyAttribute;

namespace DmSim.Property.Calls;

[TestFixture]
public sealed class CallCodecTests
{
    [FsProperty(MaxTest = 500)]
    public bool Calls_come_back_as_they_were(int seed)
    {
        var calls = new RandomCalls(seed).Calls(20);
        return CallCodec.TryDecodeCalls(CallCodec.EncodeCalls(calls), out var decoded)
            && Structure(decoded) == Structure(calls);
    }

    [FsProperty(MaxTest = 500)]
    public bool Replies_come_back_as_they_were(int seed)
    {
        var replies = new RandomCalls(seed).Replies(20);
        return CallCodec.TryDecodeReplies(CallCodec.EncodeReplies(replies), out var decoded)
            && Structure(decoded) == Structure(replies);
    }

    [FsProperty(MaxTest = 2000)]
    public bool Any_bytes_decode_to_something_or_to_false(byte[] bytes)
    {
        bool calls = CallCodec.TryDecodeCalls(bytes, out var decodedCalls);
        bool replies = CallCodec.TryDecodeReplies(bytes, out var decodedReplies);
        return (calls || decodedCalls.Length == 0) && (replies || decodedReplies.Length == 0)
            && decodedCalls.All(call => call.Call is not null) && decodedReplies.All(reply => reply is not null);
    }

    [Test]
    public void A_hundred_thousand_damaged_encodings_never_throw()
    {
        var random = new Random(20240101);
        int accepted = 0;
        for (int i = 0; i < 100_000; i++)
        {
            var source = new RandomCalls(i);
            byte[] bytes = i % 2 == 0
                ? CallCodec.EncodeCalls(source.Calls(1 + i % 5)) : CallCodec.EncodeReplies(source.Replies(1 + i % 5));
            for (int flip = random.Next(3); flip >= 0; flip--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            bool read = i % 2 == 0 ? CallCodec.TryDecodeCalls(bytes, out _) : CallCodec.TryDecodeReplies(bytes, out _);
            accepted += read ? 1 : 0;
        }
        Assert.That(accepted, Is.GreaterThan(1000).And.LessThan(90_000), "the damage is sometimes invisible, often not");
    }

    [FsProperty(MaxTest = 200)]
    public bool A_prefix_and_a_continuation_are_refused(int seed)
    {
        byte[] bytes = CallCodec.EncodeReplies(new RandomCalls(seed).Replies(5));
        return Enumerable.Range(0, bytes.Length).All(length => !CallCodec.TryDecodeReplies(bytes.AsSpan(0, length), out _))
            && !CallCodec.TryDecodeReplies([.. bytes, 0], out _);
    }

    [Test]
    public void Every_kind_of_call_and_reply_is_drawn_here()
    {
        var source = new RandomCalls(1);
        Assert.That(source.Calls(2000).Select(call => call.Call.GetType()).Distinct(),
            Is.EquivalentTo(typeof(MachineCall).GetNestedTypes(BindingFlags.Public)));
        Assert.That(source.Replies(2000).Select(reply => reply.GetType()).Distinct(),
            Is.EquivalentTo(typeof(MachineReply).GetNestedTypes(BindingFlags.Public)));
    }

    [Test]
    public void Zeros_cost_nothing()
    {
        byte[] buffer = new byte[16384];
        buffer[0] = 4;
        buffer[100] = 1;
        byte[] bytes = CallCodec.EncodeReplies([new MachineReply.Control(Errno.None, buffer)]);
        Assert.That(bytes, Has.Length.LessThan(20));
    }

    [Test]
    public void A_few_bytes_cannot_name_gigabytes()
    {
        var writer = new ByteWriter();
        writer.Number(ByteReader.DefaultBudgetBytes + 1);
        writer.Number(0);
        writer.Number(ByteReader.DefaultBudgetBytes + 1);
        var reader = new ByteReader(writer.Written.Span);
        Assert.That(reader.Bytes(), Is.Empty);
        Assert.That(reader.Failed, Is.True);
    }

    private static string Structure(object? value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null or string or IFormattable { } when value is not IEnumerable || value is string:
                text.Append(CultureInfo.InvariantCulture, $"{value?.GetType().Name}={value};");
                break;
            case bool flag: text.Append(flag); break;
            case byte[] bytes: text.Append(Convert.ToHexString(bytes)).Append(';'); break;
            case IEnumerable list:
                text.Append('[');
                foreach (object? item in list)
                    Append(text, item);
                text.Append(']');
                break;
            default:
                text.Append(value.GetType().Name).Append('{');
                foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                    Append(text.Append(property.Name).Append(':'), property.GetValue(value));
                text.Append('}');
                break;
        }
    }
}
