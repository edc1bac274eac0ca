using DmSim.Abi;

namespace DmSim.Model.PageCache;

/// <summary>
/// What became of pages that were written later than the program wrote them: AS_EIO, which the first to wait for a range hears, and
/// errseq_t, of which each open file hears once (mm/filemap.c, lib/errseq.c, 6.1). Buffers know of one error only, EIO
/// (mark_buffer_write_io_error, fs/buffer.c).
/// </summary>
internal sealed class WritebackErrors
{
    private uint _last;
    private bool _seen;
    private bool _flag;

    /// <summary>mapping_set_error.</summary>
    public void Add()
    {
        _flag = true;
        if (_last != 0 && !_seen)
            return;
        _last++;
        _seen = false;
    }

    /// <summary>errseq_sample: an error that nobody has seen yet is news to a file that is opened now, too.</summary>
    public uint Sample() => _seen ? _last : 0;

    /// <summary>filemap_check_errors.</summary>
    public Errno TakeFlag()
    {
        bool was = _flag;
        _flag = false;
        return was ? Errno.EIO : Errno.None;
    }

    /// <summary>file_check_and_advance_wb_err.</summary>
    /// <param name="since">What the file has sampled; moves on.</param>
    public Errno Advance(ref uint since)
    {
        _flag = false;
        if (since == _last)
            return Errno.None;
        since = _last;
        _seen = true;
        return Errno.EIO;
    }
}
