using System.IO.Compression;
using System.Text;

namespace DmSim.Harness.Traces;

/// <summary>A file that should be a trace is none, or none that this program reads.</summary>
public sealed class BadTraceException(string path, string reason) : Exception($"{path}: {reason}");

/// <summary>Traces in files; a name that ends in ".gz" is compressed.</summary>
public static class TraceFile
{
    public const string Extension = ".trace";

    private static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.Ordinal);

    /// <exception cref="BadTraceException">It is no trace, is of another version, or was cut off.</exception>
    public static Trace Read(string path)
    {
        string text;
        try
        {
            using var file = File.OpenRead(path);
            using Stream content = IsCompressed(path) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(content, Encoding.Latin1);
            text = reader.ReadToEnd();
        }
        catch (InvalidDataException e)
        {
            throw new BadTraceException(path, $"it is not compressed as its name says: {e.Message}");
        }
        return TraceText.TryParse(text, out var trace, out string error) ? trace! : throw new BadTraceException(path, error);
    }

    /// <summary>Writes it whole or not at all: under another name first, which then takes the place of the old file.</summary>
    public static void Write(string path, Trace trace)
    {
        string unfinished = path + ".unfinished";
        try
        {
            using (var file = File.Create(unfinished))
            using (Stream content = IsCompressed(path) ? new GZipStream(file, CompressionLevel.SmallestSize) : file)
            using (var writer = new StreamWriter(content, Encoding.Latin1))
                writer.Write(TraceText.Print(trace));
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>The trace files below a folder, or the file itself, in order of name.</summary>
    public static IReadOnlyList<string> Find(string path) => File.Exists(path) ? [path]
        : [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(Extension, StringComparison.Ordinal) || file.EndsWith(Extension + ".gz", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
}
