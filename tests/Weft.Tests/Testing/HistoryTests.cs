using Weft.Testing;

namespace Weft.Tests.Testing;

public sealed class HistoryTests
{
    private readonly History _history = new();

    [Fact]
    public void An_orderly_history_holds()
    {
        foreach (var e in new[] { Event(1), Event(2), Event(1, key: 2) })
            Publish(e);
        foreach (var e in new[] { Event(1), Event(1, key: 2), Event(2) })
            Deliver(e);

        var verdict = _history.Check();
        verdict.ThrowIfViolated();
        Assert.Equal(3, verdict.Acknowledged);
        Assert.Equal(0, verdict.Duplicates);
    }

    [Fact]
    public void What_was_acknowledged_and_never_delivered_is_lost()
    {
        Publish(Event(1));
        Publish(Event(2));
        Deliver(Event(1));

        var verdict = _history.Check();
        Assert.Equal([Event(2)], verdict.Lost);
        var thrown = Assert.Throws<ConformanceException>(verdict.ThrowIfViolated);
        Assert.Contains("1 lost", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dead_letter_is_not_lost()
    {
        Publish(Event(1));
        _history.Dead(Event(1));
        Assert.True(_history.Check().Holds);
    }

    [Fact]
    public void What_failed_to_publish_may_be_delivered_or_not()
    {
        foreach (long sequence in new[] { 1, 2 })
        {
            _history.Publishing(Event(sequence));
            _history.PublishFailed(Event(sequence));
        }
        Deliver(Event(1));
        Assert.True(_history.Check().Holds);
    }

    [Fact]
    public void What_nobody_published_is_unexpected_once()
    {
        Deliver(Event(1));
        Deliver(Event(1));
        var verdict = _history.Check();
        Assert.Equal([Event(1)], verdict.Unexpected);
        Assert.False(verdict.Holds);
    }

    [Fact]
    public void A_delivery_before_its_publish_began_is_unexpected()
    {
        Deliver(Event(1));
        Publish(Event(1));
        Assert.Equal([Event(1)], _history.Check().Unexpected);
    }

    [Fact]
    public void A_dead_letter_that_nobody_published_is_unexpected()
    {
        _history.Dead(Event(1));
        Assert.Equal([Event(1)], _history.Check().Unexpected);
    }

    [Fact]
    public void Duplicates_are_counted_and_are_no_violation()
    {
        Publish(Event(1));
        Publish(Event(2));
        foreach (long sequence in new[] { 1, 2, 1, 2, 2 })
            Deliver(Event(sequence));
        var verdict = _history.Check();
        Assert.Equal(3, verdict.Duplicates);
        Assert.True(verdict.Holds);
    }

    [Fact]
    public void First_deliveries_of_a_publisher_out_of_order_are_inverted()
    {
        Publish(Event(1));
        Publish(Event(2));
        Deliver(Event(2));
        Deliver(Event(1));
        Assert.Equal([(Event(2), Event(1))], _history.Check().Inversions);
    }

    [Fact]
    public void An_event_that_began_after_another_had_returned_comes_after_it()
    {
        Publish(Event(1, publisher: 1));
        Publish(Event(1, publisher: 2));
        Deliver(Event(1, publisher: 2));
        Deliver(Event(1, publisher: 1));
        Assert.Equal([(Event(1, publisher: 2), Event(1, publisher: 1))], _history.Check().Inversions);
    }

    [Fact]
    public void Publishes_of_two_publishers_at_once_have_no_order()
    {
        _history.Publishing(Event(1, publisher: 1));
        _history.Publishing(Event(1, publisher: 2));
        _history.Published(Event(1, publisher: 1));
        _history.Published(Event(1, publisher: 2));
        Deliver(Event(1, publisher: 2));
        Deliver(Event(1, publisher: 1));
        Assert.True(_history.Check().Holds);
    }

    [Fact]
    public void Other_keys_have_no_order()
    {
        Publish(Event(1, key: 1));
        Publish(Event(2, key: 2));
        Deliver(Event(2, key: 2));
        Deliver(Event(1, key: 1));
        Assert.True(_history.Check().Holds);
    }

    [Fact]
    public void Two_handlers_of_a_key_at_once_overlap()
    {
        Publish(Event(1));
        Publish(Event(2));
        _history.Delivering(Event(1));
        _history.Delivering(Event(2));
        _history.Delivered(Event(1));
        _history.Delivered(Event(2));
        Assert.Equal([(Event(1), Event(2))], _history.Check().Overlaps);
    }

    [Fact]
    public void The_same_event_twice_at_once_overlaps()
    {
        Publish(Event(1));
        _history.Delivering(Event(1));
        _history.Delivering(Event(1));
        Assert.Single(_history.Check().Overlaps);
    }

    [Fact]
    public void What_ran_when_the_process_died_does_not_overlap_with_what_comes_after()
    {
        Publish(Event(1));
        _history.Delivering(Event(1));
        _history.Crashed();
        Deliver(Event(1));
        Assert.True(_history.Check().Holds);
    }

    [Fact]
    public async Task Steps_of_many_threads_are_all_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(p => Task.Run(() =>
        {
            for (int i = 1; i <= 500; i++)
                Publish(Event(i, key: p, publisher: p));
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(4000, _history.Check().Lost.Count);
    }

    private static HistoryEvent Event(long sequence, int key = 1, int publisher = 1) => new(key, publisher, sequence);

    private void Publish(HistoryEvent e)
    {
        _history.Publishing(e);
        _history.Published(e);
    }

    private void Deliver(HistoryEvent e)
    {
        _history.Delivering(e);
        _history.Delivered(e);
    }
}
