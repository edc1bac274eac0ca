using DmSim.Abi;

namespace DmSim.Harness.Operations;

/// <summary>
/// One thing that user space does to a machine, as plain data. Each kind is one record here and one row in
/// <see cref="OperationText"/>; <see cref="object.ToString"/> is its one-line text form, which parses back to an equal record.
/// </summary>
public abstract partial record Operation
{
    private Operation() { }

    /// <summary>First word of the text form.</summary>
    public string Verb => OperationText.VerbOf(this);

    public sealed override string ToString() => OperationText.Print(this);

    /// <summary>An ioctl on the control node.</summary>
    public abstract record Control : Operation
    {
        private protected Control() { }

        /// <summary>dm_ioctl.event_nr of a request that carries no event number: the udev cookie of the uevent (DM_COOKIE).</summary>
        public uint Cookie { get; init; }

        /// <summary>Flags beyond those that the record names.</summary>
        public DmFlags Extra { get; init; }
    }

    /// <summary>A control operation on one device.</summary>
    public abstract record OnDevice(DeviceRef Device) : Control
    {
        public DeviceRef Device { get; init; } = Device;
    }

    /// <summary>An operation on a device's contents.</summary>
    public abstract record Io(IoTarget Target) : Operation
    {
        public IoTarget Target { get; init; } = Target;
    }
}
