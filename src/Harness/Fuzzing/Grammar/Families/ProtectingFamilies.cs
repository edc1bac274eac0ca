using static DmSim.Harness.Fuzzing.Grammar.Words;

namespace DmSim.Harness.Fuzzing.Grammar.Families;

/// <summary>Targets that encrypt or check what they hold (drivers/md/dm-crypt.c, dm-integrity.c, dm-verity-target.c, dm-verity-fec.c, 6.1).</summary>
internal static class ProtectingFamilies
{
    private static Part Cipher => OneOf("aes-xts-plain64", "aes-cbc-essiv:sha256", "aes-cbc-plain", "aes-ecb", "aes-cbc-benbi", "aes-cbc-lmk", "aes-cbc-tcw",
        "aes-xts-random", "aes-cbc-null", "aes-cbc-eboiv", "aes:64-cbc-lmk", "null-ecb", "cipher_null-ecb", "capi:xts(aes)-plain64", "capi:cbc(aes)-essiv:sha256",
        "capi:authenc(hmac(sha256),xts(aes))-random", "aes-xts", "aes");

    private static Part Key => OneOf(Hex("key", 64), Hex("key", 32), Hex("key", 16), Word("-"),
        OneOf(":32:logon:dmsim", ":64:user:a", ":16:encrypted:x", ":0:logon:", "::", ":32:logon"));

    public static TargetGrammar Crypt { get; } = new("crypt",
        All(Cipher, Key, ULong("iv_offset", 0, Max64, 0, 8), Data(), Sector(),
            Maybe(Features("features", Word("allow_discards"), Word("same_cpu_crypt"), Word("submit_from_crypt_cpus"), Word("no_read_workqueue"), Word("no_write_workqueue"),
                Word("iv_large_sectors"), Glued("sector_size:", UInt("bytes", 512, 4096, 512, 4096, 1024)), Glued("integrity:", OneOf("28:aead", "16:none", "0:aead", "4294967295:aead"))))), 8, 128, 1024)
    {
        Messages = [All(Word("key"), OneOf(All(Word("set"), Key), Word("wipe")))],
    };

    private static Part Algorithm => OneOf("crc32c", "sha256", "crc32c:", "hmac(sha256):00112233445566778899aabbccddeeff", "xxhash64", "md5", "xts(aes):00", "nosuch", "(");

    public static TargetGrammar Integrity { get; } = new("integrity",
        All(Data(), ULong("reserved", 0, Max64, 0, 8), OneOf(Word("-"), UInt("tag_size", 1, Max32, 4, 32)), OneOf("J", "B", "D", "R"),
            Features("features", Glued("internal_hash:", Algorithm), Glued("journal_sectors:", UInt("sectors", 0, Max32, 64, 1024)), Glued("interleave_sectors:", UInt("sectors", 0, Max32, 128, 32768)),
                Glued("buffer_sectors:", UInt("sectors", 0, Max32, 8, 128)), Glued("journal_watermark:", UInt("percent", 0, 100, 50)), Glued("commit_time:", UInt("ms", 0, Max32, 1000)),
                Glued("block_size:", UInt("bytes", 512, 4096, 512, 4096)), Glued("sectors_per_bit:", ULong("sectors", 0, Max64, 8, 32768)),
                Glued("bitmap_flush_interval:", UInt("ms", 0, Max32, 1000)), Glued("meta_device:", OneOf("7:2", "7:9")), Glued("journal_crypt:", Algorithm), Glued("journal_mac:", Algorithm),
                Word("recalculate"), Word("reset_recalculate"), Word("allow_discards"), Word("fix_padding"), Word("fix_hmac"), Word("legacy_recalculate"))), 128, 1024, 4096);

    public static TargetGrammar Verity { get; } = new("verity",
        All(OneOf("1", "0"), Data(), Data("hash"), UInt("data_block", 512, 1 << 30, 512, 4096), UInt("hash_block", 512, 1 << 30, 512, 4096), ULong("blocks", 1, Max64, 8, 128),
            ULong("hash_start", 0, Max64, 0, 1, 256), OneOf("sha256", "sha512", "md5", "crc32c", "nosuch"), Hex("digest", 32), OneOf(Word("-"), Hex("salt", 32), Hex("salt", 8)),
            Maybe(Features("features", OneOf("ignore_corruption", "restart_on_corruption", "panic_on_corruption"), Word("ignore_zero_blocks"), Word("check_at_most_once"),
                Word("try_verify_in_tasklet"), Pair("use_fec_from_device", Word("7:1")), Pair("fec_roots", UInt("roots", 2, 24, 2)), Pair("fec_blocks", ULong("blocks", 1, Max64, 16)),
                Pair("fec_start", ULong("block", 0, Max64, 0, 8)), Pair("root_hash_sig_key_desc", Word("dmsim"))))), 64, 128, 1024);
}
