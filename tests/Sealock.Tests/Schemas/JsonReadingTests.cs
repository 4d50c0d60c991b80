// SPDX-License-Identifier: Apache-2.0
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Schemas;

public class JsonReadingTests
{
    [Fact]
    public void The_last_of_duplicate_fields_counts_and_the_paths_are_reported_once()
    {
        var read = JsonReading.ReadObject("""{"a":1,"b":[{"c":1,"c":2,"c":3}],"a":2}"""u8);

        Assert.Equal("""{"a":2,"b":[{"c":3}]}""", Canonical(read));
        Assert.Equal(["b[0].c", "a"], read.DuplicateFields);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1} {}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{/*c*/}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"\\udc00\":1}")]
    [InlineData("{\"a\":1e999}")]
    [InlineData("{\"a\":NaN}")]
    public void What_is_not_one_sound_json_object_is_refused(string text) =>
        Assert.Throws<MalformedObjectException>(() => JsonReading.ReadObject(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
    {
        Assert.Throws<MalformedObjectException>(() =>
            JsonReading.ReadObject([.. "{\"a\":\""u8, 0xc3, 0x28, .. "\"}"u8]));
        Assert.Throws<MalformedObjectException>(() => JsonReading.ReadObject([.. "{\""u8, 0xff, .. "\":1}"u8]));
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        Assert.Equal("{}", Canonical(JsonReading.ReadObject([0xef, 0xbb, 0xbf, .. "{}"u8])));

    [Fact]
    public void Depth_size_and_count_are_limited()
    {
        var limits = new JsonLimits(MaxBytes: 10_000, MaxDepth: 10, MaxValues: 100);
        Read(10, limits);
        Assert.Throws<MalformedObjectException>(() => Read(11, limits));
        Assert.Throws<MalformedObjectException>(() => Read(100_000, JsonLimits.Default));
        Assert.Throws<MalformedObjectException>(() =>
            JsonReading.ReadObject(Encoding.UTF8.GetBytes("{\"a\":[" + string.Join(',', new int[100]) + "]}"), limits));
        Assert.Throws<MalformedObjectException>(() =>
            JsonReading.ReadObject(Encoding.UTF8.GetBytes($$"""{"a":"{{new string('x', 10_000)}}"}"""), limits));
    }

    [Fact]
    public void Reported_paths_stay_short_however_long_the_keys_are()
    {
        var key = new string('k', 1_000_000);
        var fields = string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"{i}\":0,\"{i}\":0"));

        var read = JsonReading.ReadObject(Encoding.UTF8.GetBytes("{\"" + key + "\":{" + fields + "}}"));

        Assert.True(read.DuplicateFields.Count <= 100);
        Assert.All(read.DuplicateFields, path => Assert.True(path.Length < 1000));
    }

    [Fact]
    public void Mutated_json_is_read_or_refused_and_reading_it_again_gives_the_same()
    {
        var seed = """
            {"metadata":{"name":"x\u00e9","labels":{"a":"b"}},"n":[1,-2.5e3,true,null,"\ud83d\ude00"],"data":{"k":"YQ=="}}
            """u8.ToArray();
        var mutations = Gen.Choose(0, seed.Length - 1).Zip(Gen.Choose(0, 255)).ArrayOf(5);

        Prop.ForAll(mutations.ToArbitrary(), changes =>
        {
            var text = (byte[])seed.Clone();
            foreach (var (at, value) in changes)
                text[at] = (byte)value;
            try
            {
                var first = CanonicalJson.Serialize(JsonReading.ReadObject(text).Object);
                Assert.Equal(first, CanonicalJson.Serialize(JsonReading.ReadObject(first).Object));
            }
            catch (MalformedObjectException)
            {
                // Refusing is the other allowed outcome.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    private static void Read(int depth, JsonLimits limits) => JsonReading.ReadObject(
        Encoding.UTF8.GetBytes("{\"a\":" + new string('[', depth - 1) + new string(']', depth - 1) + "}"), limits);

    private static string Canonical(ReadObject read) => Encoding.UTF8.GetString(CanonicalJson.Serialize(read.Object));
}
