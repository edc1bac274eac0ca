using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>
/// Keeps boot images in the cache, named by a digest of all that goes into them: the same contents are made once, and an image
/// can never be out of date.
/// </summary>
internal static class ImageCache
{
    private const int KeptImages = 20;

    /// <summary>Changes when the way an image is written changes.</summary>
    private const string Format = "1";

    /// <summary>The path of an image; written first if there is none of this digest.</summary>
    public static async Task<string> GetAsync(CacheDirectory cache, string kind, string digest, Action<CpioWriter> fill, CancellationToken cancel)
    {
        string folder = cache.Folder("images");
        string path = Path.Combine(folder, $"{kind}-{digest}.img");
        if (!Touch(path))
        {
            using (await cache.LockAsync($"images/.{kind}.lock", null, cancel))
            {
                if (!Touch(path))
                {
                    CacheDirectory.WriteWhole(path, stream =>
                    {
                        using var zip = new GZipStream(stream, CompressionLevel.Fastest);
                        using var writer = new CpioWriter(zip);
                        fill(writer);
                    });
                    Prune(folder);
                }
            }
        }
        return path;
    }

    /// <summary>A digest of texts and of files' contents.</summary>
    public static string Digest(IEnumerable<string> texts, IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string text in texts.Prepend(Format))
            hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
        byte[] buffer = new byte[1 << 16];
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
            SetupException.OnDisk(file, () =>
            {
                using var stream = File.OpenRead(file);
                int count;
                while ((count = stream.Read(buffer)) > 0)
                    hash.AppendData(buffer, 0, count);
            });
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..24];
    }

    /// <summary>Marks an image as used just now; false when there is none.</summary>
    internal static bool Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SetupException.Explain(path, e);
        }
    }

    private static void Prune(string folder)
    {
        var images = new DirectoryInfo(folder).GetFiles("*.img").OrderByDescending(f => f.LastWriteTimeUtc);
        foreach (var old in images.Skip(KeptImages).Concat(new DirectoryInfo(folder).GetFiles("*.half")))
        {
            old.Delete();
            File.Delete(old.FullName + ".hello");
        }
    }
}
