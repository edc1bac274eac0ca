using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.Thin;

/// <summary>What lies on a model's loop device, as bytes, to look at it or to change it behind the kernel's back.</summary>
internal static class MachineImages
{
    public static byte[] Read(IMachine machine, int loop)
    {
        Assert.That(machine.Open(DeviceNumber.Loop(loop), OpenMode.Read, out var file), Is.EqualTo(Errno.None));
        using (file)
        {
            byte[] image = new byte[file!.Limits().Size];
            Assert.That(file.ReadAsync(0, image).AsTask().Result, Is.EqualTo(IoResult.Ok(image.Length)));
            return image;
        }
    }

    public static void Write(IMachine machine, int loop, byte[] image)
    {
        Assert.That(machine.Open(DeviceNumber.Loop(loop), OpenMode.Write, out var file), Is.EqualTo(Errno.None));
        using (file)
            Assert.That(file!.WriteAsync(0, image).AsTask().Result, Is.EqualTo(IoResult.Ok(image.Length)));
    }
}
