using System.Buffers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace DmSim.Kernel.Vm;

/// <summary>QEMU's machine protocol: one JSON object per line. One command at a time; events are skipped.</summary>
internal sealed class QmpClient : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private QmpClient(NetworkStream stream)
    {
        _stream = stream;
        _reader = new StreamReader(stream, Encoding.UTF8);
    }

    /// <summary>Reads the greeting and leaves negotiation mode.</summary>
    public static async Task<QmpClient> ConnectAsync(Socket socket, CancellationToken cancel)
    {
        var client = new QmpClient(new NetworkStream(socket, ownsSocket: true));
        _ = await client._reader.ReadLineAsync(cancel) ?? throw new EndOfStreamException("QEMU closed its monitor");
        await client.ExecuteAsync("qmp_capabilities", null, cancel);
        return client;
    }

    /// <summary>A command of the human monitor; its text reply is empty when it succeeded silently.</summary>
    public Task<string> HumanAsync(string line, CancellationToken cancel) =>
        ExecuteAsync("human-monitor-command", ("command-line", line), cancel);

    /// <summary>Executes a command and gives its return value as text ("" when it is not a string).</summary>
    public async Task<string> ExecuteAsync(string command, (string Name, string Value)? argument, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await _stream.WriteAsync(Encode(command, argument), cancel);
            while (true)
            {
                string line = await _reader.ReadLineAsync(cancel) ?? throw new EndOfStreamException("QEMU closed its monitor");
                using var reply = JsonDocument.Parse(line);
                if (reply.RootElement.TryGetProperty("return", out var value))
                    return value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
                if (reply.RootElement.TryGetProperty("error", out var error))
                    throw new InvalidOperationException($"QEMU refused {command}: {error.GetProperty("desc").GetString()}");
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private static byte[] Encode(string command, (string Name, string Value)? argument)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("execute", command);
            if (argument is { } a)
            {
                writer.WriteStartObject("arguments");
                writer.WriteString(a.Name, a.Value);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
        _turn.Dispose();
    }
}
