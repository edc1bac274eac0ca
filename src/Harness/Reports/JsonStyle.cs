using System.Text.Json;

namespace DmSim.Harness.Reports;

/// <summary>How all reports for machines are written.</summary>
internal static class JsonStyle
{
    public static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        // Log lines and tables are to be read by people too.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
