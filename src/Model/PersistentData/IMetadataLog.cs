namespace DmSim.Model.PersistentData;

/// <summary>Where persistent data says what it finds wrong. A module is DM_MSG_PREFIX ("btree spine", "thin metadata", …).</summary>
public interface IMetadataLog
{
    /// <summary>DMERR.</summary>
    void Err(string module, string text);

    /// <summary>
    /// DMERR_LIMIT: at most ten lines per place and five seconds. The place is the kernel function and, where that has several
    /// such lines, which of them.
    /// </summary>
    void ErrLimited(string function, int line, string module, string text);

    /// <summary>DMWARN.</summary>
    void Warn(string module, string text);

    /// <summary>A BUG_ON that damaged metadata can reach: where a real kernel stops, the model refuses the operation.</summary>
    void KernelBug(string function);
}
