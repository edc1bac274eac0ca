using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim sh [--kernel TAG] [SCRIPT [ARGS…]]: real programs on a simulated machine, without root.</summary>
public sealed class ShVerbTests
{
    [Test]
    public void The_real_dmsetup_losetup_and_dd_work_on_a_file_of_the_user_s()
    {
        var (status, output) = HostedShell.Run("""
            truncate -s 1M disk
            losetup /dev/loop0 disk
            dmsetup create lin --table "0 1024 linear /dev/loop0 8"
            printf hello | dd of=/dev/mapper/lin status=none
            dd if=disk bs=512 skip=8 count=1 status=none | head -c 5; echo
            dmsetup table; dmsetup status
            stat -c '%F %t:%T' /dev/mapper/lin /dev/dm-0 /dev/loop0 /dev/mapper/control
            blockdev --getsz /dev/mapper/lin
            dmsetup remove lin
            ls /dev/mapper; ls /dev/dm-0
            exit 7
            """);
        Assert.That(output, Is.EqualTo("""
            hello
            lin: 0 1024 linear 7:0 8
            lin: 0 1024 linear 
            block special file fe:0
            block special file fe:0
            block special file 7:0
            character special file a:ec
            1024
            control
            ls: cannot access '/dev/dm-0': No such file or directory

            """.ReplaceLineEndings("\n")));
        Assert.That(status, Is.EqualTo(7));
    }

    [Test]
    public void What_the_kernel_logs_is_the_simulated_kernel_s_and_nothing_else()
    {
        var (_, output) = HostedShell.Run("""
            truncate -s 1M disk
            losetup /dev/loop0 disk
            dmesg -C
            dmsetup create bad --table "0 10000000 linear /dev/loop0 8"
            dmesg -t
            dmesg -c >all
            dmesg | wc -l
            """);
        Assert.That(output, Is.EqualTo("""
            device-mapper: reload ioctl on bad (254:0) failed: Invalid argument
            Command failed.
            device-mapper: table: 254:0: loop0 too small for target: start=8, len=10000000, dev_size=2048
            device-mapper: core: Cannot calculate initial queue limits
            device-mapper: ioctl: unable to set up device queue for new table.
            0

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void A_script_s_sleep_costs_no_time_and_a_delay_s_neither()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var (_, output) = HostedShell.Run("""
            truncate -s 1M disk
            losetup /dev/loop0 disk
            sleep 3600
            dmsetup create slow --table "0 1024 delay /dev/loop0 0 60000"
            dd if=/dev/mapper/slow of=/dev/null count=1 status=none & sleep 30; dmsetup status slow; wait; dmsetup status slow
            """);
        Assert.That(output, Is.EqualTo("0 1024 delay 1 0 0\n0 1024 delay 0 0 0\n"));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)));
    }

    [Test]
    public void Who_was_killed_in_his_sleep_or_has_ended_before_his_alarm_moves_no_clock()
    {
        var (_, output) = HostedShell.Run("""
            before=$(date +%s)
            sleep 100 & kill -9 $!
            wait $! 2>/dev/null
            timeout 2000 true
            mkfifo quiet; exec 3<>quiet; read -t 0.5 -u 3 line
            after=$(date +%s)
            echo $((after - before < 50))
            """);
        Assert.That(output, Is.EqualTo("1\n"));
    }

    [Test]
    public void Who_waits_for_an_event_hears_of_it_and_who_reads_a_suspended_device_of_its_resume()
    {
        var (_, output) = HostedShell.Run("""
            truncate -s 1M disk
            losetup /dev/loop0 disk
            dmsetup create lin --table "0 1024 linear /dev/loop0 8"
            dmsetup wait lin & sleep 1; dmsetup rename lin new; wait; echo renamed
            dmsetup suspend new
            dd if=/dev/mapper/new of=/dev/null count=1 status=none & sleep 1; dmsetup resume new; wait $!; echo read $?
            dmsetup suspend new
            dd if=/dev/mapper/new of=/dev/null count=1 status=none & sleep 1; kill -9 $!; wait $! 2>/dev/null; echo killed $?
            """);
        Assert.That(output, Is.EqualTo("renamed\nread 0\nkilled 137\n"));
    }

    [Test]
    public void Nodes_and_the_user_s_files_are_newer_than_each_other_in_the_order_they_were_made()
    {
        var (_, output) = HostedShell.Run("""
            for i in {1..60}; do
                : > before; mknod /dev/mapper/n b 254 9; : > after
                [ /dev/mapper/n -nt before ] || echo "$i: not newer than the file before"
                [ after -nt /dev/mapper/n ] || echo "$i: newer than the file after"
                rm /dev/mapper/n
            done
            echo done
            """);
        Assert.That(output, Is.EqualTo("done\n"));
    }

    [Test]
    public void Loop_devices_take_an_offset_a_limit_and_another_size()
    {
        var (_, output) = HostedShell.Run("""
            truncate -s 1M disk
            losetup -o 4096 --sizelimit 8192 /dev/loop3 disk
            losetup -l -n -O NAME,SIZELIMIT,OFFSET,RO /dev/loop3
            blockdev --getsz /dev/loop3
            losetup -d /dev/loop3
            losetup -r -f --show disk
            blockdev --getro /dev/loop0; dd if=/dev/zero of=/dev/loop0 count=1 status=none
            truncate -s 2M disk; losetup -c /dev/loop0; blockdev --getsize64 /dev/loop0
            losetup -D; losetup -a; losetup -f
            losetup /dev/loop0 nothere
            """);
        Assert.That(output, Is.EqualTo("""
            /dev/loop3      8192   4096  0
            16
            /dev/loop0
            1
            dd: writing to '/dev/loop0': Operation not permitted
            2097152
            /dev/loop0
            losetup: nothere: failed to set up loop device: No such file or directory

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void Nothing_is_seen_of_the_disks_of_the_host()
    {
        var (_, output) = HostedShell.Run("""
            cut -d ' ' -f 3 /proc/self/mountinfo | grep -e ^7: -e ^254: -e ^259:
            grep -e dmsim -e ^/dev/ /proc/mounts | grep -v ^/dev/root
            cat /proc/swaps | wc -l; cat /proc/diskstats | grep -v -e loop
            dmsetup create root --notable -j 254 -m $(stat -c %Ld /)
            stat -c %Hd / | grep -x -e 7 -e 254 -e 259; stat -c %Hd . | grep -x -e 7 -e 254 -e 259
            truncate -s 1M disk; losetup /dev/loop0 disk; losetup -j disk | cut -d : -f 1
            dmsetup load root --table '0 2048 linear /dev/loop0 0'; dmsetup resume root
            lsblk -l -n -o NAME,MOUNTPOINTS
            """);
        Assert.That(output, Is.EqualTo("1\n/dev/loop0\nloop0 \nroot  \n"));
    }

    [Test]
    public void A_script_that_is_not_there_is_one_sentence() =>
        Assert.That(Dmsim.Run(null, "sh", "/nowhere.sh"),
            Is.EqualTo((4, "", "dmsim: The script /nowhere.sh cannot be read: there is no such file.\n")));

    [Test]
    public void Without_an_openable_FUSE_device_one_sentence_says_what_helps()
    {
        HostedShell.Require();
        Environment.SetEnvironmentVariable("DMSIM_FUSE", "/nowhere/fuse");
        try
        {
            var (status, output, errors) = Dmsim.Run(null, "run", "--", "true");
            Assert.That((status, output), Is.EqualTo((3, "")));
            Assert.That(errors, Does.StartWith("dmsim: /nowhere/fuse cannot be opened").And.Contain("dmsim vm SCRIPT"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("DMSIM_FUSE", null);
        }
    }
}
