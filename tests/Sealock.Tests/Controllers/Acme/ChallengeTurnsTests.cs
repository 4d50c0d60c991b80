// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Acme.Challenges;
using Sealock.Controllers.Acme.Orders;
using Sealock.Controllers.Reconciling;

namespace Sealock.Tests.Controllers.Acme;

public sealed class ChallengeTurnsTests
{
    [Fact]
    public void Places_are_bounded_for_each_issuer_and_given_in_order()
    {
        var turns = new ChallengeTurns(2);
        Assert.True(turns.TryBegin("i", "a", Key("a")));
        Assert.True(turns.TryBegin("i", "b", Key("b")));
        Assert.False(turns.TryBegin("i", "c", Key("c")));
        Assert.False(turns.TryBegin("i", "d", Key("d")));
        Assert.True(turns.TryBegin("other", "c2", Key("c2")));
        Assert.True(turns.TryBegin("i", "a", Key("a")));
        Assert.Equal([Key("c")], turns.End(Key("a")));
        Assert.True(turns.TryBegin("i", "c", Key("c")));
        Assert.Equal([Key("d")], turns.End(Key("b")));
        Assert.Equal(1, turns.AtWork("i"));
    }

    [Fact]
    public void One_name_and_type_is_at_work_at_a_time()
    {
        var turns = new ChallengeTurns(10);
        Assert.True(turns.TryBegin("i", "a", Key("1")));
        Assert.False(turns.TryBegin("i", "a", Key("2")));
        Assert.False(turns.TryBegin("i2", "a", Key("3")));
        Assert.Equal([Key("2"), Key("3")], turns.End(Key("1")));
        // The first of them may be gone: whoever asks first has it.
        Assert.True(turns.TryBegin("i2", "a", Key("3")));
        Assert.False(turns.TryBegin("i", "a", Key("2")));
    }

    [Fact]
    public void What_gets_nowhere_gives_its_place_up_and_keeps_its_name()
    {
        var turns = new ChallengeTurns(1);
        Assert.True(turns.TryBegin("i", "bad", Key("bad")));
        Assert.False(turns.TryBegin("i", "good", Key("good")));
        Assert.Equal([Key("good")], turns.Yield(Key("bad")));
        Assert.True(turns.TryBegin("i", "good", Key("good")));
        Assert.False(turns.TryBegin("i", "bad", Key("bad")));
        Assert.False(turns.TryBegin("i", "bad", Key("other")));
        Assert.Equal([Key("bad")], turns.End(Key("good")));
        Assert.True(turns.TryBegin("i", "bad", Key("bad")));
    }

    [Fact]
    public void Whoever_waits_and_goes_holds_nobody_up()
    {
        var turns = new ChallengeTurns(1);
        Assert.True(turns.TryBegin("i", "a", Key("a")));
        Assert.False(turns.TryBegin("i", "b", Key("b")));
        Assert.False(turns.TryBegin("i", "c", Key("c")));
        Assert.Equal([Key("b")], turns.End(Key("a")));
        // It was deleted meanwhile, which its loop finds when it looks.
        Assert.Equal([Key("c")], turns.End(Key("b")));
        Assert.True(turns.TryBegin("i", "c", Key("c")));
    }

    [Fact]
    public void Lanes_bound_what_is_under_way_and_name_the_next()
    {
        var lanes = new Lanes(2);
        Assert.True(lanes.TryEnter("i", Key("a")));
        Assert.True(lanes.TryEnter("i", Key("b")));
        Assert.False(lanes.TryEnter("i", Key("c")));
        Assert.False(lanes.TryEnter("i", Key("c")));
        Assert.True(lanes.TryEnter("j", Key("c")));
        Assert.Equal([Key("c")], lanes.Leave("i"));
        Assert.Empty(lanes.Leave("i"));
        Assert.Empty(lanes.Leave("j"));
    }

    [Fact]
    public void A_place_that_was_meant_for_one_that_is_gone_strands_nobody()
    {
        var lanes = new Lanes(1);
        Assert.True(lanes.TryEnter("i", Key("a")));
        Assert.False(lanes.TryEnter("i", Key("gone")));
        Assert.False(lanes.TryEnter("i", Key("b")));
        Assert.Equal([Key("gone"), Key("b")], lanes.Leave("i"));
    }

    private static ObjectKey Key(string name) => new("ns", name);
}
